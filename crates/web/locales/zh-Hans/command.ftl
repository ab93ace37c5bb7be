# 指挥页：实时地图和数字。

command-open = 在办
command-overdue = 超时
command-closed = 办结
command-closed-days = 近 { $days } 天办结
command-area = 区划
command-caption = { $area }下一级各区划的事件数
command-figures-from = 数据更新于 { $time }
command-nothing-below = 下面没有区划了。
