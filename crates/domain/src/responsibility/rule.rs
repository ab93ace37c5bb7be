//! Which rows count at a place; pure.

use kernel::AreaPath;

use super::model::Responsibility;

/// Of rows in force, those that decide for a minor class at a place: of the nearest area around it that has any, those of
/// the minor class, or else of the major one.
pub fn deciding<'a>(
    rows: &'a [Responsibility],
    path: &AreaPath,
    minor: &str,
    major: Option<&str>,
) -> Vec<&'a Responsibility> {
    let fits = |row: &&Responsibility| {
        path.is_within(&row.area_path) && (row.class == minor || major == Some(row.class.as_str()))
    };
    let rank = |row: &Responsibility| (row.area_path.codes().count(), row.class == minor);
    let fitting: Vec<_> = rows.iter().filter(fits).collect();
    let best = fitting.iter().map(|row| rank(row)).max();
    fitting.into_iter().filter(|row| Some(rank(row)) == best).collect()
}

#[cfg(test)]
mod tests {
    use kernel::{Id, Timestamp};
    use uuid::Uuid;

    use super::*;

    fn row(number: u128, class: &str, area: &str) -> Responsibility {
        Responsibility {
            id: Id::from_uuid(Uuid::from_u128(number)),
            version: 1,
            class: class.into(),
            area: Id::from_uuid(Uuid::nil()),
            area_path: area.parse().unwrap(),
            organization: Id::from_uuid(Uuid::from_u128(number)),
            limit: None,
            closing_condition: String::new(),
            evidence: String::new(),
            legal_basis: String::new(),
            from: Timestamp::from_micros(0),
            to: None,
        }
    }

    #[test]
    fn the_nearest_area_decides_and_in_it_the_minor_class_before_the_major() {
        let rows = [
            row(1, "c1", "1509/150902/"),
            row(2, "c1-street-lamp", "1509/150902/"),
            row(3, "c1", "1509/150902/150902001/"),
            row(4, "c2", "1509/150902/150902002/"),
            row(5, "c1-street-lamp", "1509/150902/150902003/"),
            row(6, "c1-street-lamp", "1509/150902/150902003/"),
        ];
        let decided = |path: &str, minor: &str| -> Vec<u128> {
            let rows = deciding(&rows, &path.parse().unwrap(), minor, minor.get(..2));
            rows.iter().map(|row| row.id.uuid().as_u128()).collect()
        };
        assert_eq!(
            decided("1509/150902/150902009/", "c1-street-lamp"),
            [2],
            "the minor class, in the county"
        );
        assert_eq!(decided("1509/150902/150902009/", "c1-heating"), [1], "no minor row: the major class");
        assert_eq!(
            decided("1509/150902/150902001/150902001001/", "c1-street-lamp"),
            [3],
            "the township is nearer"
        );
        assert_eq!(decided("1509/150902/150902003/", "c1-street-lamp"), [5, 6], "two share it");
        assert_eq!(decided("1509/150902/150902009/", "c2-snow-ice"), [0_u128; 0], "only a township's own");
        assert_eq!(decided("1509/150921/", "c1-street-lamp"), [0_u128; 0], "another county");
    }
}
