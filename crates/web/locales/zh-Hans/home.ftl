# 首页。

home-title = 身边的问题，说一声，有人办，办到底
home-lead = 路灯不亮、井盖缺失、垃圾没人清——不用注册就能上报。每一步由谁办、还剩多久，您都看得到。
home-report = 上报一个问题
home-follow = 查询进度
home-loop = 一件事要走的七步
home-how = 报上来以后会怎么样
home-step-1 = 您说明是什么、在哪里，网格员到现场核实。
home-step-2 = 属实的登记立案，从这时起计时。
home-step-3 = 指挥中心派给依法负责的单位；不归它办的退回重派，不会没人管。
home-step-4 = 责任单位在时限内处置，超时自动提醒上级。
home-step-5 = 处置结果附照片反馈，由指挥中心确认。
home-step-6 = 没有参与处置的人到现场核查，不合格就返工。
home-step-7 = 由您评价，七天内都可以；评价之后结案。
home-mine = 我的上报
home-mine-none = 您还没有上报过
home-mine-none-help = 上报之后，办到哪一步会显示在这里，有进展还会通知您。
home-grid = 我家所在的网格
home-grid-report = 在这里上报
home-figures = { $city }的事件
home-counties = 从旗县市区开始上报
