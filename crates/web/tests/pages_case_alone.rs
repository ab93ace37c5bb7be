#[allow(dead_code)]
#[path = "it/pages_shell/town.rs"]
mod town;
use kernel::Role;
use town::Town;
fn photo() -> Vec<u8> {
    let mut bytes = Vec::new();
    image::RgbImage::from_fn(640, 480, |x, y| image::Rgb([x as u8, y as u8, 90])).write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Jpeg).unwrap();
    bytes
}
fn case_of(text: &str) -> String { format!("/cases/{}", text.split("href=\"/cases/").nth(1).unwrap().split('"').next().unwrap()) }
#[test]
fn dump() {
    let town = Town::plain();
    let out = std::path::Path::new("/tmp/olzii/mine"); std::fs::create_dir_all(out).unwrap();
    let mut anyone = town.browser("zh-Hans");
    let mut follow = Vec::new();
    for (class, text) in [("c1-street-lamp", "泰昌路与解放大街路口路灯不亮，已三天\n路口东侧两盏路灯连着三个晚上不亮，放学的孩子摸黑过马路。"), ("c1-manhole-cover", "小区 4 号楼前污水井盖缺失"), ("c2-road-surface", "嘎查卫生室门前路面结冰，老人看病行走困难，希望尽快铺沙除冰，并在坡道加装扶手，附近三十多户居民每天都要经过，请相关部门尽快处理"), ("c2-road-surface", "x")] {
        let sent = anyone.upload("/report", &[("area", "150902001001"), ("class", class), ("description", text), ("place", "路口东侧"), ("longitude", "113.1"), ("latitude", "41.03"), ("contact_phone", "13800000000")], &photo());
        follow.push(sent.location().trim_end_matches("?new=1").to_owned());
    }
    let mut who: Vec<(&str, town::Browser<'_>)> = vec![("anyone", anyone)];
    for role in [Role::GridLeader, Role::Dispatcher, Role::Handler, Role::Leader, Role::Resident, Role::GridSupervisor] { who.push((role.as_str(), town.signed_in(role, "zh-Hans"))); }
    let save = |who: &mut Vec<(&str, town::Browser<'_>)>, name: &str, role: &str, path: &str| {
        let browser = &mut who.iter_mut().find(|(it, _)| *it == role).unwrap().1;
        for language in ["en", "zh-Hans"] {
            browser.post("/language", &[("language", language)]);
            std::fs::write(out.join(format!("{name}-{language}.html")), browser.get(path).text).unwrap();
        }
    };
    for (name, role, path) in [("home", "anyone", "/"), ("home-resident", "resident", "/"), ("where", "anyone", "/report"), ("where-search", "resident", "/report?q=%E7%A4%BE%E5%8C%BA"), ("report", "anyone", "/report?area=150902001001"), ("find", "anyone", "/follow"), ("today", "grid_leader", "/today"), ("work-empty", "handler", "/work"), ("board-empty", "dispatcher", "/board")] { save(&mut who, name, role, path); }
    save(&mut who, "follow-new", "anyone", &format!("{}?new=1", follow[0]));
    let grid = &mut who[1].1;
    let case = case_of(&grid.get("/today").text);
    save(&mut who, "record-verify", "grid_leader", &case);
    for _ in 0..3 {
        let grid = &mut who[1].1;
        let case = case_of(&grid.get("/today").text);
        let sent = grid.upload(&format!("{case}/verify"), &[("finding", "exists"), ("note", "现场查看，路口东侧两盏灯不亮，灯杆无破损。")], &photo());
        assert_eq!(sent.status, 303, "{}", sent.text);
    }
    save(&mut who, "board", "dispatcher", "/board");
    save(&mut who, "board-open", "dispatcher", "/board?show=open");
    save(&mut who, "supervise", "leader", "/supervise?show=open");
    save(&mut who, "supervise-empty", "leader", "/supervise");
    save(&mut who, "cases", "leader", "/cases?area=150902&status=open&stage=dispatch&class=c1-street-lamp");
    save(&mut who, "record-dispatch", "dispatcher", &case);
    let dispatcher = &mut who[2].1;
    let wrong = dispatcher.post(&format!("{case}/dispatch"), &[]);
    std::fs::write(out.join("record-wrong-zh-Hans.html"), &wrong.text).unwrap();
    let body = wrong.text.split("<option value=\"").skip(2).find(|it| it.contains("handler的单位")).unwrap().split('"').next().unwrap().to_owned();
    dispatcher.post(&format!("{case}/notes"), &[("note", "同一路口 11 月初报过一次，请查线路而不只换灯。")]);
    dispatcher.post(&format!("{case}/dispatch"), &[("organization", &body)]);
    save(&mut who, "record-handle", "handler", &case);
    save(&mut who, "work", "handler", "/work");
    assert_eq!(who[3].1.upload(&format!("{case}/feed_back"), &[("note", "换了线路")], &photo()).status, 303);
    assert_eq!(who[2].1.post(&format!("{case}/accept"), &[]).status, 303);
    save(&mut who, "record-check", "grid_supervisor", &case);
    assert_eq!(who[6].1.upload(&format!("{case}/close"), &[], &photo()).status, 303);
    save(&mut who, "rate", "anyone", &follow[0]);
    who[0].1.post(&format!("{}/rate", follow[0]), &[("rating", "4"), ("solved", "yes")]);
    save(&mut who, "closed", "anyone", &follow[0]);
    let wrong = who[0].1.post("/report", &[("area", "150902001001"), ("latitude", "x")]);
    std::fs::write(out.join("report-wrong-zh-Hans.html"), &wrong.text).unwrap();
    let wrong = who[0].1.post("/report", &[("area", "150902001001")]);
    std::fs::write(out.join("report-wrong2-zh-Hans.html"), &wrong.text).unwrap();
}
