# 每一页都有的文字：页头、页脚、错误页、表单错误、日期、角色和区划用语。

brand = Olzii 结
skip = 跳到正文
language-other = EN

nav-main = 主导航
nav-breadcrumb = 所在位置
nav-home = 首页
nav-today = 今日
nav-board = 派遣台
nav-work = 我的办件
nav-supervise = 督办
nav-command = 指挥
nav-supervisions = 督办事项
nav-evaluation = 评价
nav-statistics = 统计
nav-report = 上报问题
nav-follow = 查询进度
nav-areas = 区划
nav-api = 开放接口
nav-me = 我的账户
nav-sign-in = 登录
nav-notices-unread =
    { $count ->
        [0] 通知，没有未读
        [100] 通知，未读 100 条以上
       *[other] 通知，{ $count } 条未读
    }

# 错误页：发生了什么，接着怎么办。
problem-not-found = 没有找到这个页面
problem-not-found-help = 可能是链接不完整，或者您没有查看它的权限。没有丢失任何内容。
problem-sign-in = 请先登录
problem-sign-in-help = 登录后会回到这一页。
problem-denied = 您不能做这一步
problem-denied-help = 这一步由别的岗位来办，或者请求不是从本站页面发出的。什么都没有改动。
problem-invalid = 填写的内容有误
problem-invalid-help = 什么都没有改动。请返回上一页改好后再提交。
problem-conflict = 情况已经变了
problem-conflict-help = 您的这一步没有生效。请重新打开页面，看看现在办到哪里。
problem-too-many = 请求太频繁
problem-too-many-help = 什么都没有改动，以前收下的内容都在。请等 { $wait } 再刷新本页：您刚才提交的会重新发出，不会重复。
problem-full = 存储空间已满
problem-full-help = 没有空间了，这一次没有保存。以前收下的内容都在，也能查看。请告诉管理员；腾出空间后（至少等 { $wait }）刷新本页：您刚才提交的会重新发出，不会重复。
problem-unavailable = 暂时无法办理
problem-unavailable-help = 系统的存储没有响应，或者太忙，这一次没有保存。以前收下的内容都在。请等 { $wait } 再刷新本页：您刚才提交的会重新发出，不会重复。
problem-broken = 系统出了问题
problem-broken-help = 问题出在我们这边，已经记录下来。请稍后再试。
problem-slow = 网络太慢，没有收完
problem-slow-help = 您发送的内容没有收完，所以没有保存。以前收下的内容都在。请到网络好一些的地方再发，或少带几张照片：重发只算一次。
problem-method = 这个地址不能这样打开
problem-method-help = 请从页面上的按钮或链接进入。
problem-go-home = 回到首页
problem-go-follow = 查询我的上报

# 表单
optional = （选填）
error-prefix = 错误：
error-summary = 有几处需要改正
next-page = 下一页

fault-required = 这一项必填
fault-too-long = 太长了，最多 { $max } 个字
fault-too-short = 太短了，至少 { $min } 个字符
fault-control-character = 含有看不见的控制字符，请删去后重填
fault-range = 请填 { $min } 到 { $max } 之间的数
fault-choice = 请从列出的选项中选一个
fault-pause = 请选择今天以后的日期，最长 { $max } 天
fault-phone = 电话号码应为 5 到 15 位数字，前面可加 +
fault-area = 没有这个区划，请从列表中选
fault-unknown-area = 没有这个区划
fault-area-code = 区划代码只能是数字，最多 18 位
fault-position = 经纬度不对：经度 −180 到 180，纬度 −90 到 90，两个都要有
fault-photos = 至少要 { $min } 张照片
fault-too-many-photos = 一次最多 { $max } 张照片
fault-case-photos = 一件事最多 { $max } 张照片
fault-photo-size = 照片超过 { $max } MB
fault-photo-type = 只收 JPEG、PNG 或 WebP 照片
fault-photo-damaged = 这张照片打不开，请换一张
fault-cursor = 这个翻页链接已失效，请从第一页看起
fault-open-only = 超时和退单只能在未办结的事件里筛选
fault-closed-only = 办结日期只能在已办结的事件里筛选
fault-unknown = 没有找到
fault-end-before-start = 结束日期要晚于开始日期
fault-password-wrong = 原密码不对
fault-password-common = 这个密码太常见，容易被猜到，请换一个
fault-login-name = 账号为 { $min } 到 { $max } 个字母、数字、点、横线或下划线
fault-login-name-taken = 这个账号已有人使用
fault-malformed = 读不懂：{ $reason }
fault-json-type = 请求内容应为 application/json
fault-body-size = 内容超过 { $max } kB

conflict-area-code = 区划代码 { $code } 已经存在
conflict-password-changed = 密码刚刚已在别处改过，请用新密码登录
conflict-ended = 已经结束，不能再结束一次
conflict-id = 这个编号已经用于另一件上报，请重新打开上报页
conflict-stage = 这件事已经到了别的环节，这一步不能再做
conflict-closed = 这件事已经办结或作废，不能再办
conflict-steps = 这件事的步骤已达上限，只能办结或作废
conflict-notes = 您在这件事里的留言已达上限（{ $max } 条）
conflict-not-published = 这类事项的内容本来就不公开
conflict-ruled = 已经裁定归谁办理，裁定有约束力，不能再退
conflict-no-ruling = 这件事没有需要写入权责清单的审定，或者已经写入
conflict-not-merged = 这件事没有并案，或者已经撤销
conflict-unmerge-late = 并案已超过 { $days } 天，不能再撤销；请重新上报
conflict-merge-support = 协办案卷不能并案
conflict-merge-class = 两件事的分类不同，不能并案；如分类有误请先更正
conflict-merge-main-handled = 另一件事已反馈办理完成，现在上报的是新问题，不能并案
conflict-merge-late = 这件事已超时，应办理办结，不能并案
conflict-merge-far = 两处相距太远，不能并案
conflict-merge-handled = 这件事已经办完处理，不能再并案
conflict-merge-support-open = 还有协办没有完成，不能并案
conflict-merge-merged = 那一件已经并入别的案卷，请选它并入的那一件
conflict-merge-closed = 那一件已经办结或作废，请选在办的案卷
conflict-merge-many = 那一件已并入的上报达到 { $max } 件
conflict-support-open = 还有协办单位没有完成：请等协办完成，或按“协办未完，先行反馈”并选理由
conflict-no-support-open = 没有未完成的协办，请按通常的步骤反馈
fault-merge-itself = 不能并入它自己，请选另一件
fault-merge-unknown = 没有这个案卷，或者它不在您的范围内
fault-merge-choose = 请选一件，或填编号
fault-supporting-many = 协办单位最多 { $max } 个
fault-supporting-lead = 主办单位不能同时协办
fault-supporting-twice = 这个单位已经在协办
conflict-at-most = 这一步每件事最多做 { $max } 次，已经用完，请选其他步骤
conflict-paused = 这件事已挂账，恢复计时前不办理
conflict-not-paused = 这件事没有挂账
conflict-paused-once = 这件事已经挂账过一次，不能再挂账
conflict-extended = 这件事的延期次数已经用完
conflict-relief-asked = 已有申请在等待决定
conflict-relief-none = 没有等待决定的申请
conflict-relief-late = 时限已过，只能在到期前申请
conflict-relief-day = 申请的恢复日期已到，请不同意，或让对方重新申请
conflict-in-all = 这件事各单位已退单 { $max } 次，不再退回派遣；确实不归本单位的，请提请审定
conflict-return-window = 退单期限已过：从派给本单位时起算
conflict-window = 要求重新办理的期限已过，请另行上报，并写明原编号 { $number }
conflict-not-open = 前一种办法的次数用完以后，才能走这一步

# 日期与时长
date = { $month }{ $day }日
date-with-year = { $year }年{ $month }{ $day }日
month-1 = 1月
month-2 = 2月
month-3 = 3月
month-4 = 4月
month-5 = 5月
month-6 = 6月
month-7 = 7月
month-8 = 8月
month-9 = 9月
month-10 = 10月
month-11 = 11月
month-12 = 12月
duration-days =
    { $second ->
        [0] { $first } 天
       *[other] { $first } 天 { $second } 小时
    }
duration-hours =
    { $second ->
        [0] { $first } 小时
       *[other] { $first } 小时 { $second } 分钟
    }
duration-minutes = { $first } 分钟
duration-seconds = { $first } 秒

role-anonymous = 未登录
role-resident = 居民
role-grid_leader = 网格长
role-grid_assistant = 协管员
role-grid_supervisor = 监督员
role-grid_hygienist = 卫生员
role-acceptor = 受理员
role-dispatcher = 派遣员
role-handler = 处置员
role-leader = 督办领导
role-commander = 指挥长
role-auditor = 审计员
login-acceptor_second = 受理员（另一位）
login-leader_city = 督办领导（市级）
role-administrator = 系统管理员

organization-kind-party_organization = 党组织
organization-kind-temporary_party_organization = 临时党组织
organization-kind-government_department = 政府部门
organization-kind-enforcement_team = 执法队
organization-kind-mass_organization = 群团组织
organization-kind-firm = 企业
organization-kind-property_manager = 物业服务企业
organization-kind-owners_committee = 业主委员会
organization-kind-social_organization = 社会组织
organization-kind-supervision_centre = 监督中心
organization-kind-command_centre = 指挥中心
organization-kind-community_committee = 嘎查村委会、居委会
organization-kind-grid_team = 网格队伍

tier-province = 省、自治区
tier-city = 市
tier-county = 旗县市区
tier-township = 苏木乡镇、街道
tier-community = 嘎查村、社区
tier-grid = 网格
tier-group = 村民小组、小区、楼栋

area-kind-urban = 社区
area-kind-rural = 嘎查村
area-kind-other = 其他

# 由页面上的脚本填入 {"{"}x{"}"}。
script-keys-on = 单键快捷键已开启，按此关闭
script-keys-off = 单键快捷键已关闭，按此开启
script-draft-restored = 已恢复您上次没写完的内容。照片和联系方式没有保留，请再填一次。
script-draft-discard = 清空，重新填写
script-photos-preview = {"{"}name{"}"} 预览
script-photos-size = {"{"}name{"}"}，{"{"}megabytes{"}"} MB
script-photos-working = 正在处理 {"{"}count{"}"} 张照片……
script-photos-ready = {"{"}count{"}"} 张照片已就绪。
script-photos-left-out = 有 {"{"}count{"}"} 张未加入：超过 10 MB 或超出张数。
script-locate-working = 正在定位……
script-locate-done = 已填入您的位置，误差约 {"{"}metres{"}"} 米。
script-locate-denied = 您没有允许定位。请在上面用文字写明地点。
script-locate-failed = 没有定到位置。请用文字写明地点。
script-place-tap = 在图上点一下问题所在的位置；可以拖动、放大。
script-place-marked = 位置已标出。点别处可以改。
script-place-unavailable = 地图没有取到。请用文字写明地点。
script-send-offline = 没有发出：网络不通。内容还在本页，联网后请再按一次。
script-send-offline-kept = 没有发出：网络不通。文字已保存在这部手机上，照片在关闭本页前也还在。联网后请再按一次，不会重复上报。
script-send-failed = 没有收下：服务器出了问题（{"{"}reason{"}"}）。内容还在本页，请稍后再按一次，不会重复。
script-send-refused = 没有收下：{"{"}reason{"}"}
script-send-sign-in = 没有发出：登录已过期。内容都还在本页，请在新页面登录，再回到这里按一次。
script-send-other-account = 没有发出：这个浏览器现在登录的是别人。内容都还在本页，请在新页面换回您的账号，再回到这里按一次。
script-send-other-account-link = 更换账号
script-copy-done = 已复制
script-proof-checking = 正在核验……
script-proof-good = 已在这里核验：这就是封存的第 {"{"}index{"}"} 号记录（共 {"{"}size{"}"} 条）。联署：{"{"}witnesses{"}"}。
script-proof-good-alone = 已在这里核验：这就是封存的第 {"{"}index{"}"} 号记录（共 {"{"}size{"}"} 条）。没有见证方联署，只有本市自己签名。
script-proof-unreadable = 有问题：证明或本市的信任策略读不出来。请保存证明，并告诉本市的审计员。
script-proof-unsigned = 有问题：证明上没有信任策略要求的签名。请保存证明，并告诉本市的审计员。
script-proof-absent = 有问题：这条记录和封存时不一样。请保存证明，并告诉本市的审计员。
script-proof-other = 有问题：这份证明说的不是这里显示的这条记录。请保存证明，并告诉本市的审计员。
script-proof-away = 没能取到证明。请检查网络，一分钟后再按一次。
script-map-name = 各旗县市区未办结事件地图
script-map-zoom-in = 放大
script-map-zoom-out = 缩小
script-map-two-fingers = 请用两根手指移动地图
script-map-label-open = {"{"}count{"}"} 件
script-map-label-overdue = 超时 {"{"}count{"}"}
script-map-age = 更新：{"{"}age{"}"}
script-map-age-lost = 数据停在{"{"}age{"}"}
script-map-lost = {"{"}time{"}"} 起连接中断，正在重连
script-map-unavailable = 这里没有地图：这些区划还没有边界数据，或者这台设备画不出来。列表里的数字同样是实时的。
script-map-listed = 图上是最紧急的 {"{"}listed{"}"} 件，未办结共 {"{"}open{"}"} 件
fault-area-tier = 请选到社区、嘎查村或网格
fault-not-overdue = 尚未超时，请选择其他督办事由
fault-position-elsewhere = 该位置不在所选区划内，请核对
list-separator = ；
