# 装到手机上；没有网络时办的事，先存在手机上。

app-name = Olzii 网格服务
app-description = 上报、核实、核查：没有网络也能办，联网后自动发出。

outbox-title = 待发送
outbox-lead = 没有网络时办的事先存在这部手机上，联网后按先后自动发出，每件只算一次。
outbox-send = 现在发送
outbox-none = 没有待发送的
outbox-none-help = 您在这部手机上办的事都已送到。
outbox-waiting = 等待发出
outbox-refused = 没有收下
outbox-wrote = 您写的内容
outbox-photos = 照片
outbox-kept = 存于
outbox-mend = 修改后重发
outbox-delete = 删除
outbox-delete-help = 删除后找不回来。
outbox-delete-sure = 确认删除
outbox-page = 打开事件
outbox-missing = 没有网络，这一页没有存在手机上
outbox-missing-help = 存在手机上的有今日清单和清单上的事件，还可以上报。
outbox-missing-today = 今日清单
outbox-missing-report = 上报
outbox-no-script = 要存在手机上，需要打开浏览器的 JavaScript。
outbox-cannot = 这个浏览器不能保存内容，没有网络时请不要关闭正在填写的页面。

# The browser fills in {"{"}x{"}"}.
script-offline-copy = 没有网络。这一页存在手机上，存于
script-offline-reload = 重新加载
script-refresh-stale = 数据是 {"{"}time{"}"} 的，之后没有更新：网络不通，或者登录已过期。
script-outbox-kept = 已存在这部手机上。联网后自动发出，只算一次；发出之前可以关掉这一页。
script-outbox-kept-sign-in = 已存在这部手机上：登录已过期。您登录后自动发出，只算一次。
script-outbox-kept-other-account = 已存在这部手机上，只有您能看到：这里现在登录的是别人。您登录后自动发出，只算一次。
script-outbox-open = 看待发送的
script-outbox-count = 待发送 {"{"}count{"}"} 件
script-outbox-full = 没有发出，也没有存下：这部手机的存储空间满了。内容还在本页，请腾出空间，或联网后再按一次。
script-outbox-limit = 没有发出，也没有存下：待发送的已满 {"{"}max{"}"} 件。内容还在本页，请联网发出后再按一次。
script-outbox-sent = 已送到 {"{"}count{"}"} 件。
script-outbox-arrived = 存在手机上的已经送到。为了不丢您正在写的内容，本页还是之前的情况：
script-outbox-sign-in = 登录已过期。待发送的 {"{"}count{"}"} 件都还在这部手机上，登录后自动发出。
script-outbox-sign-in-link = 登录
script-outbox-others = 这部手机上还存着 {"{"}count{"}"} 件没有发出的。办这些事的人登录后，才会显示并发出。
script-outbox-here = 这里办的一步存在手机上，还没有送到：
script-outbox-tag = 待发送
script-outbox-mending = 没有收下：{"{"}reason{"}"}。您写的内容和照片都在下面，改好后再发。
script-outbox-no-form = 这一步现在不能办了。您写的内容和照片还在“待发送”里。
script-outbox-unreachable = 还是没有网络。内容都还在这部手机上，联网后自动发出。
script-outbox-busy = 服务器忙。内容都还在这部手机上，过一会儿自动再发。
script-outbox-refused = {"{"}count{"}"} 件没有收下：请按下面写的原因修改后重发，或者删除。
script-outbox-held = 同一件事里前面那件没有收下，这件在等它：请先把前面那件改好重发，或者删除。
script-outbox-photo = 您拍的照片 {"{"}number{"}"}
script-outbox-attempts = 已试过 {"{"}count{"}"} 次，可能已经送到；再发也只算一次
