//! A township clerk at the command line: blocks in, a plan out, and what is told of files that are not sound.

mod formats;

use std::collections::{BTreeMap, BTreeSet};

use clap::Parser;
use serde_json::{Value, json};

use super::{AuditArguments, PlanArguments, audit, plan, voice::Voice};
use crate::scratch::Folder;

#[derive(Parser)]
enum CommandLine {
    PlanGrids(Box<PlanArguments>),
    AuditGrids(AuditArguments),
}

fn write_features(folder: &Folder, name: &str, features: &[Value]) -> String {
    folder.write(name, json!({ "type": "FeatureCollection", "features": features }).to_string())
}

/// Households of each grid by the written plan; every block stands there once.
fn households(folder: &Folder, name: &str, blocks: &[Value]) -> Vec<u64> {
    let text = folder.read(name);
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("block_id,grid_id"));
    let grid_of: BTreeMap<&str, &str> = lines.clone().map(|line| line.split_once(',').unwrap()).collect();
    assert_eq!(lines.count(), blocks.len());
    let mut grids: BTreeMap<&str, u64> = BTreeMap::new();
    for block in blocks {
        let properties = &block["properties"];
        let grid = grid_of[properties["block_id"].as_str().unwrap()];
        *grids.entry(grid).or_default() += properties["households"].as_u64().unwrap();
    }
    grids.into_values().collect()
}

/// What was answered, what was remarked beside it; or the error, after which nothing else counts.
fn olzii(arguments: &[&str]) -> Result<(String, String), String> {
    let line = CommandLine::try_parse_from([&["olzii"], arguments].concat()).unwrap();
    let (mut answer, mut aside) = (Vec::new(), Vec::new());
    let voice = Voice::new(&mut answer, &mut aside);
    match line {
        CommandLine::PlanGrids(arguments) => plan::run(&arguments, voice),
        CommandLine::AuditGrids(arguments) => audit::run(&arguments, voice),
    }
    .map_err(|error| format!("{error:#}"))?;
    Ok((String::from_utf8(answer).unwrap(), String::from_utf8(aside).unwrap()))
}

/// A square of a thousandth of a degree, `wide` to the east.
fn square(column: f64, row: f64, wide: f64) -> Value {
    let corner = |x: f64, y: f64| json!([113.0 + (column + x) / 1000.0, 41.0 + (row + y) / 1000.0]);
    json!([[corner(0.0, 0.0), corner(wide, 0.0), corner(wide, 1.0), corner(0.0, 1.0), corner(0.0, 0.0)]])
}

fn feature(properties: Value, coordinates: Value) -> Value {
    let geometry = json!({ "type": "Polygon", "coordinates": coordinates });
    json!({ "type": "Feature", "properties": properties, "geometry": geometry })
}

/// Blocks in rows of `width`, with so many households each, in communities of four columns.
fn town(width: usize, height: usize, households: u64) -> Vec<Value> {
    let block = |index: usize| {
        let (column, row) = (index % width, index / width);
        let community = format!("community {}", column / 4);
        let properties =
            json!({ "block_id": format!("b{index}"), "households": households, "community": community });
        feature(properties, square(column as f64, row as f64, 1.0))
    };
    (0..width * height).map(block).collect()
}

#[test]
fn blocks_become_grids_in_the_band_and_the_same_ones_on_any_number_of_threads() {
    let folder = Folder::new();
    let town = town(8, 6, 50);
    let blocks = write_features(&folder, "town.geojson", &town);
    let (out, shapes, report) =
        (folder.path("plan.csv"), folder.path("grids.geojson"), folder.path("r.html"));
    let common = ["plan-grids", "--blocks", &blocks, "--seed", "7", "--threads"];
    let files = ["--out", &out, "--shapes", &shapes, "--report", &report];
    let (answer, aside) = olzii(&[&common[..], &["1"], &files].concat()).unwrap();
    assert!(answer.contains("8 grids (0 special), 0 empty, 0 stray parts, 100.0 % in the band"), "{answer}");
    assert_eq!(aside, "", "nothing is wrong with the file");
    assert_eq!(households(&folder, "plan.csv", &town), [300; 8]);
    let collection: Value = serde_json::from_str(&folder.read("grids.geojson")).unwrap();
    assert_eq!(collection["features"].as_array().unwrap().len(), 8);
    assert!(collection["features"][0]["properties"]["community"].as_str().unwrap().starts_with("community"));
    let one = folder.read("plan.csv");
    let other = folder.path("other.csv");
    olzii(&[&common[..], &["3", "--out", &other]].concat()).unwrap();
    assert_eq!(folder.read("other.csv"), one);
}

#[test]
fn a_plan_in_force_stays_where_nothing_has_changed_and_unknown_grids_cannot_be_frozen() {
    let folder = Folder::new();
    let town = town(8, 6, 50);
    let blocks = write_features(&folder, "town.geojson", &town);
    let (old, new) = (folder.path("old.csv"), folder.path("new.csv"));
    olzii(&["plan-grids", "--blocks", &blocks, "--out", &old]).unwrap();
    let again = ["plan-grids", "--blocks", &blocks, "--out", &new, "--old", &old];
    let (answer, _) = olzii(&again).unwrap();
    assert!(answer.contains("at least 0 households move"), "{answer}");
    assert_eq!(folder.read("new.csv"), folder.read("old.csv"));
    let refused = olzii(&[&again[..], &["--freeze", "1,no such grid"]].concat()).unwrap_err();
    assert!(refused.contains("no grid `no such grid`"), "{refused}");
    let longer = folder.read("old.csv") + "torn down,1\n";
    folder.write("old.csv", longer.clone());
    assert!(olzii(&again).unwrap().1.contains("1 blocks of the old plan are not there any more"));
    folder.write("old.csv", longer + "torn down,2\n");
    let refused = olzii(&again).unwrap_err();
    assert!(refused.contains("line 51") && refused.contains("stands there twice"), "{refused}");
}

#[test]
fn a_bare_graph_is_cut_along_its_fewest_edges() {
    let folder = Folder::new();
    // Two rings of six, joined by one edge.
    let nodes: String = (0..12).map(|node| format!("{node},n{node},100\n")).collect();
    let ring = |from: usize| (0..6).map(move |step| format!("{},{}\n", from + step, from + (step + 1) % 6));
    let edges: String = ring(0).chain(ring(6)).chain(["0,6\n".to_owned()]).collect();
    let nodes = folder.write("nodes.csv", format!("id,name,population\n{nodes}"));
    let edges = folder.write("edges.csv", format!("a,b\n{edges}"));
    let out = folder.path("plan.csv");
    let command = |nodes: &str, edges: &str| {
        let arguments = ["plan-grids", "--nodes", nodes, "--edges", edges, "--grids", "2", "--out", &out];
        olzii(&[&arguments[..], &["--tolerance", "0.005", "--objective", "cut-edges"]].concat())
    };
    let (answer, _) = command(&nodes, &edges).unwrap();
    assert!(answer.contains("in 1 borders"), "{answer}");
    let plan = folder.read("plan.csv");
    let of = |range: std::ops::Range<usize>| -> BTreeSet<&str> {
        plan.lines().skip(1).skip(range.start).take(6).map(|line| line.split_once(',').unwrap().1).collect()
    };
    assert_eq!((of(0..6).len(), of(6..12).len()), (1, 1), "{plan}");

    let stranger = folder.write("stranger.csv", "a,b\n0,1\n1,99\n");
    let refused = command(&nodes, &stranger).unwrap_err();
    assert!(refused.contains("stranger.csv, line 3: there is no node `99`"), "{refused}");
    let minus = folder.write("minus.csv", "id,population\n0,5\n1,-5\n");
    let refused = command(&minus, &edges).unwrap_err();
    assert!(refused.contains("minus.csv, line 3: `-5` is no number from 0 up"), "{refused}");
    let twice = folder.write("twice.csv", "id,population\n0,5\n0,5\n");
    assert!(command(&twice, &edges).unwrap_err().contains("line 3: there is a node `0` before"));
    let headless = folder.write("headless.csv", "0,5\n1,5\n");
    assert!(command(&headless, &edges).unwrap_err().contains("has no column `id`"));
    let ragged = folder.write("ragged.csv", "id,population\n0\n");
    assert!(command(&ragged, &edges).unwrap_err().contains("ragged.csv"));
}

#[test]
fn a_community_whose_total_fits_no_number_of_grids_is_named_with_the_reason() {
    let folder = Folder::new();
    // Eight blocks of 50 are 400: too many for one grid, too few for two.
    let blocks = write_features(&folder, "town.geojson", &town(4, 2, 50));
    let report = folder.path("report.html");
    let command = ["plan-grids", "--blocks", &blocks, "--out", &folder.path("plan.csv"), "--report", &report];
    let (answer, _) = olzii(&command).unwrap();
    assert!(answer.contains("total cannot be divided into grids in the band"), "{answer}");
    assert!(folder.read("report.html").contains("total cannot be divided into grids in the band"));
    let tower = json!({ "block_id": "tower", "households": 900, "community": "community 0" });
    let with_tower = [town(4, 3, 50), vec![feature(tower, square(0.0, 3.0, 1.0))]].concat();
    let blocks = write_features(&folder, "tower.geojson", &with_tower);
    let (answer, _) = olzii(&["plan-grids", "--blocks", &blocks, "--out", &folder.path("plan.csv")]).unwrap();
    assert!(answer.contains("block tower has 900 households: a special grid"), "{answer}");
}

#[test]
fn blocks_that_cannot_be_used_are_all_named_and_nothing_is_written() {
    let folder = Folder::new();
    let refused = |name: &str, features: &[Value]| {
        let blocks = write_features(&folder, name, features);
        let refused =
            olzii(&["plan-grids", "--blocks", &blocks, "--out", &folder.path("plan.csv")]).unwrap_err();
        assert!(!folder.at("plan.csv").exists());
        refused
    };
    let mut unsound = town(4, 3, 50);
    unsound[1]["properties"]["households"] = json!(-3);
    unsound[2]["properties"].as_object_mut().unwrap().remove("households");
    unsound[3]["properties"].as_object_mut().unwrap().remove("block_id");
    unsound[4]["geometry"]["coordinates"][0][2] = json!([495_000.0, 4_540_000.0]);
    unsound[5]["geometry"] = json!({ "type": "Point", "coordinates": [113, 41] });
    unsound[6]["geometry"]["coordinates"][0][2] = json!("east");
    unsound[7]["geometry"] = Value::Null;
    unsound[8]["properties"]["households"] = json!("NaN");
    let refused_all = refused("unsound.geojson", &unsound);
    for fault in [
        "feature 2: its `households` is -3, not a number from 0 up",
        "feature 3: it has no property `households`",
        "feature 4: it has no property `block_id`",
        "feature 5: 495000, 4540000 are no degrees of WGS 84: convert metres before planning",
        "feature 6: it is no Polygon or MultiPolygon",
        "feature 7: \"east\" is no position",
        "feature 8: it has no geometry",
        "feature 9: its `households` is \"NaN\", not a number from 0 up",
    ] {
        assert!(refused_all.contains(fault), "{fault} is not in {refused_all}");
    }
    let mut twice = town(4, 3, 50);
    twice[5]["properties"]["block_id"] = json!("b4");
    assert!(refused("twice.geojson", &twice).contains("b4: another atom has the same id"));
    let mut homeless = town(4, 3, 50);
    homeless[5]["properties"].as_object_mut().unwrap().remove("community");
    let one = refused("homeless.geojson", &homeless);
    assert!(one.contains("feature 6: it has no property `community`, others have"), "{one}");
    let mut full = town(4, 3, 50);
    full[5]["properties"]["households"] = json!(3_000_000_000_u64);
    assert!(refused("full.geojson", &full).contains("b5: a load is above"));
    let mut flat = town(4, 3, 50);
    flat[5]["geometry"]["coordinates"][0] = json!([[113, 41], [113.001, 41], [113.002, 41], [113, 41]]);
    assert!(refused("flat.geojson", &flat).contains("b5: its rings enclose no ground of its own"));
    assert!(refused("none.geojson", &[]).contains("there is no point in the files"));
}

#[test]
fn a_bow_tie_an_open_ring_and_an_overlap_are_mended_and_told_with_their_places() {
    let folder = Folder::new();
    let mut town = town(4, 3, 50);
    let corner = |x: f64, y: f64| json!([113.0 + x / 1000.0, 41.0 + y / 1000.0]);
    // The corners of block 0 in a wrong order, block 6 without its last corner, block 11 over a part of block 10.
    let corners = [corner(0.0, 0.0), corner(1.0, 1.0), corner(1.0, 0.0), corner(0.0, 1.0), corner(0.0, 0.0)];
    town[0]["geometry"]["coordinates"] = json!([corners]);
    town[6]["geometry"]["coordinates"][0].as_array_mut().unwrap().pop();
    town[11]["geometry"]["coordinates"] = square(2.5, 2.0, 1.5);
    let blocks = write_features(&folder, "town.geojson", &town);
    let command = ["plan-grids", "--blocks", &blocks, "--out", &folder.path("plan.csv")];
    let (_, aside) = olzii(&command).unwrap();
    for remark in [
        "block b0 crosses or touches itself at 113.0005, 41.0005",
        "feature 7: a ring was left open and is closed",
        "blocks b10 and b11 overlap by 46",
    ] {
        assert!(aside.contains(remark), "{remark} is not in {aside}");
    }
    assert_eq!(households(&folder, "plan.csv", &town).iter().sum::<u64>(), 600);
}

#[test]
fn what_is_no_geojson_is_refused_however_it_is_made() {
    let folder = Folder::new();
    let refused = |name: &str, text: &[u8]| {
        let blocks = folder.write(name, text);
        olzii(&["plan-grids", "--blocks", &blocks, "--out", &folder.path("plan.csv")]).unwrap_err()
    };
    let deep = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(refused("cut.geojson", b"{\"features\": [{").contains("is no JSON"));
    assert!(refused("list.geojson", b"[]").contains("is no GeoJSON FeatureCollection"));
    assert!(refused("other.geojson", b"{\"type\": \"Topology\"}").contains("it has no `features`"));
    assert!(refused("text.geojson", b"{\"features\": \"none\"}").contains("is no GeoJSON FeatureCollection"));
    assert!(refused("bytes.geojson", b"\xff\xfe\x00").contains("cannot be read as text"));
    assert!(refused("not-packed.geojson.gz", b"{}").contains("cannot be read as text"));
    let wide = deep(200_000);
    let one = refused("deep.geojson", format!("{{\"features\": [{{\"geometry\": {wide}}}]}}").as_bytes());
    assert!(one.contains("feature 1: recursion limit exceeded"), "{one}");
    let beside = format!("{{\"metadata\": {wide}, \"features\": [{{\"geometry\": null}}]}}");
    assert!(refused("beside.geojson", beside.as_bytes()).contains("feature 1: it has no geometry"));
    let many: Vec<Value> = vec![json!({ "geometry": null }); 1_000];
    let many = refused("many.geojson", json!({ "features": many }).to_string().as_bytes());
    assert!(many.contains("and 980 more") && many.len() < 2_000, "{many}");
    let missing =
        olzii(&["plan-grids", "--blocks", &folder.path("missing"), "--out", &folder.path("plan.csv")]);
    assert!(missing.unwrap_err().contains("missing cannot be opened"));
    let nothing = olzii(&["plan-grids", "--out", &folder.path("plan.csv")]).unwrap_err();
    assert!(nothing.contains("say what is to be cut"), "{nothing}");
}

#[test]
fn an_audit_finds_what_was_planted_and_its_report_runs_no_script_of_a_name() {
    let folder = Folder::new();
    let mut grids: Vec<Value> = (0..12)
        .map(|index| {
            let id = format!("<script>alert({index})</script>");
            feature(json!({ "block_id": id }), square((index % 4) as f64, (index / 4) as f64, 1.0))
        })
        .collect();
    // Grid 1 leaves a strip 40 m wide to its neighbour, grid 3 reaches into grid 2, grid 9 has a part far from it.
    grids[1]["geometry"]["coordinates"] = square(1.0, 0.0, 0.5);
    grids[3]["geometry"]["coordinates"] = square(2.8, 0.0, 1.2);
    let far =
        json!({ "type": "MultiPolygon", "coordinates": [square(1.0, 2.0, 1.0), square(8.0, 8.0, 0.5)] });
    grids[9]["geometry"] = far;
    let path = write_features(&folder, "grids.geojson", &grids);
    let community = [feature(
        json!({ "block_id": "a town" }),
        json!([[[113, 41], [113.004, 41], [113.004, 41.003], [113, 41.003], [113, 41]]]),
    )];
    let communities = write_features(&folder, "communities.geojson", &community);
    let (out, repaired) = (folder.path("report.html"), folder.path("repaired.geojson"));
    let command = ["audit-grids", "--grids", &path, "--communities", &communities, "--out", &out];
    let (answer, _) = olzii(&[&command[..], &["--repaired", &repaired]].concat()).unwrap();
    for ailment in ["1 × ground in no grid", "1 × ground in two grids", "1 × ground outside its community"]
    {
        assert!(answer.contains(ailment), "{ailment} is not in {answer}");
    }
    let report = folder.read("report.html");
    assert!(!report.contains("<script"), "names are text");
    assert!(report.contains("&lt;script&gt;alert(9)&lt;/script&gt;"), "{report}");
    let again = ["audit-grids", "--grids", &repaired, "--communities", &communities, "--out", &out];
    let (answer, _) = olzii(&[&again[..], &["--id-property", "grid_id"]].concat()).unwrap();
    assert!(answer.contains("12 grids, 0 findings"), "with all repairs nothing is left: {answer}");
    let alone = olzii(&["audit-grids", "--grids", &path, "--out", &out]).unwrap().0;
    assert!(alone.contains("1 × part away from the rest of its grid"), "{alone}");
}
