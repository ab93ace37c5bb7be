# 事件：上报、查询、事件页、各类清单。

loop-name = 办理进度，共七步
loop-1 = 上报
loop-2 = 立案
loop-3 = 派遣
loop-4 = 处置
loop-5 = 反馈
loop-6 = 核查
loop-7 = 评价
loop-is-done = 已完成
loop-is-current = 当前
loop-is-todo = 待办
loop-step-of = ，第 { $step } 步，共 7 步

clock-left = 剩 { $time }
clock-overdue = 超时 { $time }
clock-closed = 已办结
clock-void = 已作废
clock-none = 没有时限

source-public = 居民上报
source-grid_worker = 网格员上报
source-desk = 受理员登记

finding-exists = 属实
finding-unclear = 看不清楚，先立案
finding-absent = 现场未发现
rating-1 = 很不满意
rating-2 = 不满意
rating-3 = 一般
rating-4 = 满意
rating-5 = 很满意
solved-yes = 解决了
solved-no = 没有解决

event-note = 补充说明
event-overdue = “{ $step }”这一步的时限已过
event-told = 已告知{ $offices }
event-overdue-told = { $what }，{ $told }
event-with = { $what }：{ $more }
list-comma = 、
who-clock = 系统按时限自动办理
who-reporter = 上报人

# 事件页
case-standing = 办到哪一步
case-owner = 责任单位
case-due = 应在 { $time } 前完成这一步
case-timeline = 经过
case-photos = 照片
case-about = 事件信息
case-print = 打印事件单
case-returns = 退单 { $count } 次
case-reworks = 返工 { $count } 次
photo-alt = 现场照片 { $number }
fact-description = 描述
fact-place = 地点
fact-class = 类别
fact-source = 来源
fact-reported = 上报时间
fact-registered = 立案时间
fact-due = 办结时限
fact-owner = 责任单位
fact-closed = 结案时间
fact-rating = 评价
fact-solved = 是否解决

news-received = 已收到，编号 { $number }
news-keep-link = 请保存下面的链接，凭它随时查看进度、评价结果。
news-moved = 已提交
news-noted = 说明已保存
news-now = 这件事现在：{ $what }

action-yours = 现在由您办理：{ $step }
action-none = 这一步不由您办理
action-rate = 这件事办得怎么样
action-add = 还有要补充的吗

choose = 请选择
field-note = 说明
field-note-hint = 上报人也能看到。不要写个人姓名和电话。
field-note-rate = 哪里好、哪里不好，都可以写。
field-photos = 照片
field-photos-min = 至少 { $min } 张，最多 { $max } 张，每张不超过 10 MB
field-photos-max = 最多 { $max } 张，每张不超过 10 MB
field-organization = 派给哪个单位
field-organization-hint = 按类别排列，离现场近的在前。
field-organization-none = 这个地方没有可以派的单位，请先请管理员登记单位和处置员。
field-class = 属于哪一类
field-class-hint = 分错了可以在这里改，时限随类别而定。
field-ground = 理由
field-finding = 现场情况
field-rating = 满意程度
field-solved = 问题解决了吗
field-description = 发生了什么
field-description-hint = 说清楚是什么、有没有危险。不要写人名和电话。
field-place = 具体地点
field-place-hint = 路口、小区楼号或嘎查村名
field-position = 经纬度
field-longitude = 经度
field-latitude = 纬度
field-contact_name = 您怎么称呼
field-contact_phone = 您的电话
fault-of-field = { $field }：{ $fault }

note-add = 补充说明
note-text = 说明
note-public = 上报人也能看到
note-public-hint = 不勾选，只有办理这件事的人能看到。
note-internal = 仅内部可见
note-save = 保存说明

contact-title = 上报人
contact-hint = 姓名和电话只在办理需要时查看。每次查看都会记录，上报人看得到。
contact-show = 查看联系方式
contact-recorded = 这次查看已经记录，上报人会看到是哪个岗位、为什么查看。
contact-no-name = 没有留下姓名
contact-no-phone = 没有留下电话

case-readings-title = 谁看过我的联系方式
case-readings-hint = 每次查看您的姓名或电话都会留下记录，只有您和持有您查询链接的人看得到。

link-title = 您的查询链接
link-copy = 复制
link-hint = 有这个链接的人都能看到这件事，请自己留好。

# 查询
find-title = 查询进度
find-lead = 上报后页面上给过您一个链接。粘贴在这里，就能看到办到哪一步，也能评价。
find-link = 查询链接
find-link-or-number = 查询链接或事件编号
find-link-hint = 整条粘贴，或者只粘贴 /follow/ 后面的一串
find-button = 查看
find-not = 没有找到
find-no-link = 这个链接不完整或者不对，请从上报成功的页面重新复制
find-no-number = 没有这个编号的事件，或者您没有查看它的权限
find-sign-in = 凭编号查询要先登录；没有账户请用查询链接
find-lost = 链接丢了怎么办
find-lost-help = 登录后上报的，登录就能在首页看到。没有登录的，请到所在社区或嘎查，由受理员凭编号查询；为了保护您，链接不能凭编号找回。

# 上报
where-title = 问题在哪里
where-lead = 选到网格为止，拿不准就选最近的一个。
where-my-home = 在我家附近
where-my-area = 在我负责的地方
where-search = 输入旗县、街道、社区或网格名称
where-found = 找到 { $count } 处
where-all = 从头逐级选择
where-none = 没有叫这个名字的地方
where-none-help = 换个写法试试，或者从旗县市区逐级选择。
where-choose = 选这里
where-open = 展开
where-outside = 这个位置不在本市已知的边界内，请从列表中选择
where-not = 没有找到这个地方
report-title = 上报一个问题
report-change-area = 换个地方
report-class-hint = 拿不准就选“其他诉求”，受理员会归类。
report-locate = 用我现在的位置
report-position = 填写经纬度
report-photos-hint = 最多 { $max } 张，每张不超过 { $megabytes } MB。照片里的拍摄位置和设备信息会被清除。
report-photos-again = 照片没有保留，有照片请再选一次。
report-contact = 怎么联系您
report-contact-hint = 只用于核实此事，只有受理员和核实的网格员能看，每次查看都有记录；不会保存在这部手机上。
report-signed-in = 您已登录：办理需要时，受理员会用您登记的电话联系，每次查看都有记录。
report-send = 上报

# 清单
list-all = 查看全部
list-search = 事件编号
list-search-button = 查找
list-filter = 筛选
list-offices = 我负责的范围
list-without = 去掉这个条件
list-back = 回到清单
list-case = 事件
list-place = 地点 · 编号
list-stage = 环节
list-clock = 时限
list-pages = 翻页
list-as-of = 数据截至
today-title = 今日
today-register = 登记事件
today-nothing = 现在没有要办的。
board-title = 派遣台
work-title = 我的办件
supervise-title = 督办
supervise-areas = 下级各地
supervise-open = { $count } 件在办
supervise-overdue = 超时 { $count }
supervise-none-overdue = 无超时
cases-title = 事件
cases-mine = 我的
door-open = 正在办理
door-overdue = 已超时
door-closed = 近 30 天办结
chip-all = 全部
chip-open = 在办
chip-open-mine = 本单位在办
chip-overdue = 已超时
chip-returned = 被退回
chip-closed = 已办结
chip-void = 已作废
chip-handled = 办过的
empty-waiting = 这里没有等着办的
empty-waiting-help = 有新的会自动出现，不用刷新。
empty-overdue = 没有超时的事件
empty-overdue-help = 在办的都在时限之内。
empty-returned = 没有被退回的事件
empty-returned-help = 派出去的都有单位在办。
empty-open = 没有在办的事件
empty-open-help = 有新的会自动出现，不用刷新。
empty-handled = 还没有办过事件
empty-handled-help = 派给本单位的事件，办过的都列在这里。
empty-cases = 没有符合条件的事件
empty-cases-help = 换个条件看看。
empty-search = 没有这个编号的事件
empty-search-help = 请核对编号；也可能它不在您的范围内。
