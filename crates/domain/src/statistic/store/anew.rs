//! All totals, made anew of the records: in the database, and tier by tier.

use store::{StoreError, Tx};

/// The path of the area right above: without its last code.
macro_rules! above {
    ($($path:tt)*) => {
        concat!("RTRIM(RTRIM(", $($path)*, ", '/'), '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz')")
    };
}

const CLEAR: &str = "DELETE FROM statistic_total";
const OWN: &str = concat!(
    "INSERT INTO statistic_total (element, area_path, period, option_code, part, parent_path, value, records, latest_at) \
     SELECT element, area_path, period, option_code, 0, ",
    above!("area_path"),
    ", CAST(COALESCE(SUM(CASE WHEN replaced_at IS NULL THEN value END), 0) AS BIGINT), \
     COUNT(CASE WHEN replaced_at IS NULL THEN value END), MAX(COALESCE(replaced_at, reported_at)) \
     FROM statistic_record GROUP BY element, area_path, period, option_code"
);

/// From the areas themselves to those so many tiers above, each in a part of its own.
macro_rules! lift {
    ($tiers:literal, $($path:tt)*) => {
        concat!(
            "INSERT INTO statistic_total (element, area_path, period, option_code, part, parent_path, value, records, latest_at) \
             SELECT element, goal, period, option_code, ",
            $tiers,
            ", ",
            above!("goal"),
            ", CAST(COALESCE(SUM(value), 0) AS BIGINT), CAST(COALESCE(SUM(records), 0) AS BIGINT), MAX(latest_at) FROM (SELECT element, ",
            $($path)*,
            " AS goal, period, option_code, value, records, latest_at FROM statistic_total WHERE part = 0) o \
             WHERE goal <> '' GROUP BY element, goal, period, option_code"
        )
    };
}
/// As many as there are tiers above the lowest.
const LIFT: [&str; 6] = [
    lift!("1", above!("area_path")),
    lift!("2", above!(above!("area_path"))),
    lift!("3", above!(above!(above!("area_path")))),
    lift!("4", above!(above!(above!(above!("area_path"))))),
    lift!("5", above!(above!(above!(above!(above!("area_path")))))),
    lift!("6", above!(above!(above!(above!(above!(above!("area_path"))))))),
];

pub fn totals(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.execute(CLEAR, &[])?;
    tx.execute(OWN, &[])?;
    LIFT.iter().try_for_each(|sql| tx.execute(sql, &[]).map(drop))
}
