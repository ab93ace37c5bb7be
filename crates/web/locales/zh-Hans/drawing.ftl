# 办理流程图
drawing-version = 第 { $version } 版
drawing-grid-workers = 网格员
drawing-reporter = 上报人
drawing-clock = 系统计时
drawing-limit-class = 按类别时限
drawing-limit-urgent_hours = { $amount } 个紧急工作时
drawing-limit-work_hours = { $amount } 个工作时
drawing-limit-work_days = { $amount } 个工作日
drawing-limit-natural_days = { $amount } 个自然日
drawing-told = 超时告知：{ $roles }
drawing-at-most = 最多 { $most } 次
drawing-start = 开始
drawing-who-reports = 谁上报？
drawing-forward = 往下办
drawing-returns = 退单
drawing-reworks = 返工
drawing-timeout = 到时自动
