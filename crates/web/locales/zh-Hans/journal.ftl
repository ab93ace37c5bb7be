# 日志封存与见证。

log-link = 日志封存
log-title = 日志封存
log-lead = 谁做了什么、谁看过谁的信息，一分钟内封存。任何人，包括本市自己，都不能悄悄改掉或删掉一条。这里公开的内容里找不到任何人。
log-size = 已封存条目
log-published = 公布的检查点
log-published-none = 还没有
log-root = 根哈希
log-witnesses = 见证方
log-witnesses-lead = 见证方是别的单位，只有日志接得上它们以前看到的内容，才会联署。
log-witnesses-none = 本市还没有指定见证方。在那之前，只有本市自己签名。
log-witness = 见证方
log-cosigned = 最近一次联署
log-cosigned-never = 从未
log-entries = 条目数
log-standing = 状态
log-silent = 没有回应
log-cosigns = 正常联署
log-alarm = 日志有问题
log-alarm-failing = 从 { $time } 起无法封存，请本市尽快查看。
log-alarm-waiting = { $time } 的一条记录还没有封存。
log-alarm-old = 公布的检查点是 { $time } 的，之后没有更新。
log-alarm-silent = { $name } 从 { $time } 起没有联署。
log-alarm-never = { $name } 从未联署。
log-check = 自己核验
log-check-lead = 用一份程序就能核验，不需要本市配合：
log-check-proof = 关于您本人的一条记录，在您的页面上可以下载证明，这样核验：
log-origin = 日志名称
log-key = 公钥
log-checkpoint = 检查点
log-policy = 信任策略

reading-proof = 证明
reading-proof-hint = 记录在一分钟内封存，证明表明这一条不能再被改掉或删掉。
conflict-unsealed = 这条记录还没有封存。封存需要一分钟，请稍后再来。
conflict-entry-changed = 这条记录和封存时不一样了，有人改过它。请告诉本市的审计员。
