# 登录与“我的账户”。

sign-in-title = 登录
sign-in-lead = 网格员、部门和指挥中心请用单位发的账号。居民上报不用登录。
sign-in-name = 账号
sign-in-password = 密码
sign-in-button = 登录
sign-in-not = 没有登录
sign-in-wrong = 账号或密码不对
sign-in-too-many = 试得太多了，请过 { $wait } 再试
sign-out-button = 退出登录
demo-title = 演示账号
demo-explained = 这是一座演示城市，人名和事件都是编的。选一个角色，一按就进。所有演示账号的密码都是 { $password }。

me-title = 我的账户
posts-title = 我的岗位
posts-none = 您没有担任岗位。您可以上报问题、查看自己上报的事。

readings-title = 谁看过我的信息
readings-explained = 每次有人查看您的姓名、电话或住址，都会留下记录。这份记录只有您自己能看。
readings-none = 还没有人看过。
readings-earlier = 更早的记录
readings-withheld = 有 { $count } 条记录依法暂缓告知，{ $time } 起在此显示
readings-ended = { $begin } 至 { $end }，{ $body } 的 { $count } 条查看记录曾暂缓告知，由 { $decider } 批准。依据：{ $basis }
reading-reader = { $body } { $role }
reading-record = 查看了您的登记信息
reading-contact = 查看了您上报时留的联系方式
reading-figures = 查看了您的工作数字
reading-passes = 以您的名义办理了凭证的事
reading-by-guardian = 照看您的人
reading-by-agent = 受您委托的人
reading-other = 办理了与您有关的事
reading-purpose = { $what }，用于{ $purpose }
purpose-case = 办理案件
purpose-visit = 走访
purpose-service = 代办服务
purpose-emergency = 应急

sessions-title = 登录着的设备
sessions-this = 本机
sessions-since = { $time } 登录
sessions-end = 退出
sessions-end-others = 退出其他所有设备
device-unknown = 未知设备

password-title = 修改密码
password-old = 原密码
password-new = 新密码
password-hint = 至少 { $min } 个字符，越长越好，不用凑大小写和符号。不要用生日和手机号。
password-button = 修改密码
password-changed = 密码已改，其他设备都已退出。
password-not-changed = 密码没有改
colon = ：

conflict-withholding-id = 这个编号属于另一项暂缓告知申请，请重新提交
conflict-withholding-open = 本单位对此人已有待决定的申请，或暂缓告知尚未结束
conflict-withholding-decided = 此项申请已有决定
conflict-withholding-over = 目前没有因此暂缓告知的记录
