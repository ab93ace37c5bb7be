# 通知。

notices-title = 通知
notices-read-all = 全部标为已读
notices-unread = 未读
notices-none = 还没有通知
notices-none-help = 有事要您办，或者您上报的事有了进展，会写在这里。
notices-earlier = 更早的通知
notice-case-waiting = { $detail } 等您办理
notice-case-moved = 您上报的 { $detail } 有了进展
notice-case-alarm = { $detail } 这一环节的时限快到了
notice-case-overdue = { $detail } 这一环节已超时
notice-case-relief-asked = { $detail } 有挂账或延期申请等您决定
notice-case-relief-decided = { $detail } 的挂账或延期申请已有决定
notice-calendar-missing = { $detail } 年的放假安排还没有录入，涉及该年的时限是暂定的
notice-case-reopened = { $detail } 办结后被要求重新办理
notice-supervision-ordered = { $detail } 被督办，请按期书面答复
notice-supervision-replied = { $detail } 的督办已有答复，请审阅
notice-supervision-late = { $detail } 的督办逾期未答复
notice-supervision-ended = { $detail } 的督办已销号
notice-case-merged = { $detail } 与另一件是同一件事，已并案，跟着那一件办
notice-case-done = 您上报的 { $detail } 已办完，请评价
notice-case-excluded = { $detail }，您反映的事项不计入考评，照常答复办理
notice-case-counted = { $detail }，您反映的事项重新计入考评
notice-claim-waiting = { $detail } 怎么计入考评，等您的意见
notice-claim-overdue = { $detail } 怎么计入考评，过了时限还没有意见
notice-appeal-decided = { $detail } 的申诉有了决定
notice-witness-silent = 见证方 { $detail } 已有十分钟没有为日志联署
notice-log-broken = 日志 { $detail } 和签过名的不一样，或者有人塞进、改动了记录，请让服务器管理员查看

fault-until = 这不是您通知里的位置，请重新打开通知
fault-until-future = 这个时间还没有到，请重新打开通知
notice-record-returned = 您填报的《{ $detail }》被退回，请改正
notice-pass-decision-waiting = { $detail }：另一单位关于凭证的提议等您决定
notice-pass-decided = { $detail }：本单位关于凭证的提议已有决定
notice-pass-refused = { $detail }：按规则您不能领取凭证，页面上写明了原因和申诉办法
notice-pass-guardian = { $detail }：社区登记了照看您、可以为您办凭证的人；如果不对，请在您的页面上终止
notice-pass-revoked = { $detail }：按规则您不再能领取凭证，已领的作废，页面上写明了原因
