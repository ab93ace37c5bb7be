//! Short names of months and days, as a form's language has them.

fn is_chinese(language: &str) -> bool {
    language.contains("zh") || language.contains('中')
}

pub fn month_name(month: i8, language: &str) -> String {
    const ENGLISH: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    if is_chinese(language) {
        return format!("{month}月");
    }
    ENGLISH[(month as usize).saturating_sub(1) % 12].to_owned()
}

pub fn day_name(from_monday: i8, language: &str) -> &'static str {
    const ENGLISH: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const CHINESE: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
    let names = if is_chinese(language) { CHINESE } else { ENGLISH };
    names[from_monday as usize % 7]
}
