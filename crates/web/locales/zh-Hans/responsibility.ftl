# 权责清单：哪件事在哪里由哪个单位负责。

responsibility-title = 权责清单
responsibility-lead = 哪类问题由哪个单位依法负责
responsibility-class = 问题类别
responsibility-all-classes = 全部类别
responsibility-area = 区划代码
responsibility-find-area = 不知道代码？到区划里查找
responsibility-show = 查看
responsibility-table-file = 下载清单
responsibility-none = 清单没有写明，由派遣员确定
responsibility-shared = 清单写了 { $count } 个单位，由派遣员确定
responsibility-idle = 目前不能接收
responsibility-limit = 办理时限
responsibility-closing = 结案条件
responsibility-evidence = 需要的凭证
responsibility-basis = 依据
responsibility-row = { $area }的清单，第 { $version } 版
responsibility-here = 这里的问题归谁管
limit-urgent_hours = { $amount } 个紧急工作时
limit-work_hours = { $amount } 个工作时
limit-work_days = { $amount } 个工作日
limit-natural_days = { $amount } 个自然日
