# 只有接口才说的话。
problem-media-type = 这里不读这种类型的正文
problem-too-large = 正文太大

fault-json-or-form-type = 正文须是 application/json；带照片时用 multipart/form-data
fault-date = 日期写成 2026-01-31 的样子
fault-one-lens = area、organization、mine 只能用其中一个
