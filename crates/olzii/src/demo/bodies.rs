//! The plan of who works in the city: bodies, the posts in them, and the login of whoever holds each post.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result};
use domain::organization::OrganizationKind as Kind;
use kernel::Role;

use super::{
    chance::Chance,
    figures::Figures,
    territory::{Community, Grid, SHOWN_COMMUNITY, SHOWN_COUNTY, Territory, Unit},
    words::Words,
};

pub struct Body {
    pub kind: Kind,
    pub name: String,
    /// Code of its area.
    pub area: String,
    /// A temporary body's days from its founding to now, and from now to its end.
    pub days: Option<(i64, i64)>,
    pub posts: Vec<Post>,
}

/// A post, held by one person.
pub struct Post {
    pub role: Role,
    /// Code of the area that it serves.
    pub area: String,
    pub login: String,
}

/// The county of the community that is shown, its department that mends street lamps, and the city.
const SHOWN_DEPARTMENT: &str = "住房和城乡建设局";
/// Logins that are easy to type, by what they are for; the rest are made of role, area and number. Two roles have two, where
/// a second person, or one above, has the last word.
pub const SHOWN_LOGINS: [(&str, Role, &str); 12] = [
    ("resident", Role::Resident, "resident"),
    ("grid_leader", Role::GridLeader, "grid"),
    ("grid_supervisor", Role::GridSupervisor, "checker"),
    ("acceptor", Role::Acceptor, "acceptor"),
    ("acceptor_second", Role::Acceptor, "acceptor2"),
    ("dispatcher", Role::Dispatcher, "dispatcher"),
    ("handler", Role::Handler, "handler"),
    ("leader", Role::Leader, "leader"),
    ("leader_city", Role::Leader, "city-leader"),
    ("commander", Role::Commander, "commander"),
    ("auditor", Role::Auditor, "auditor"),
    ("administrator", Role::Administrator, "admin"),
];

pub fn plan(seed: u64, territory: &Territory, figures: &Figures, words: &Words) -> Result<Vec<Body>> {
    let mut bodies = Bodies { all: Vec::new(), logins: HashMap::new() };
    bodies.city(&territory.city);
    for county in &territory.counties {
        bodies.county(county, words)?;
    }
    for township in &territory.townships {
        bodies.township(township);
    }
    let chance = &mut Chance::new(seed, "bodies");
    let doubled = doubled(territory, figures)?;
    for community in &territory.communities {
        bodies.community(community, &doubled, words, chance);
    }
    bodies.temporary(territory, figures.temporary_organizations, words, chance);
    bodies.show(territory)?;
    Ok(bodies.all)
}

/// The name of the body whose handler has the login `handler`.
pub(super) fn shown_department(territory: &Territory) -> Result<String> {
    let county = territory.counties.iter().find(|it| it.code == SHOWN_COUNTY);
    Ok(format!("{}{SHOWN_DEPARTMENT}", county.context("the list of divisions has no 150902")?.name))
}

/// Second and third workers of the largest urban grids, by the grid's code: what is left of the workers
/// when each grid has its leader and each community its supervisor.
fn doubled(territory: &Territory, figures: &Figures) -> Result<HashMap<String, Vec<Role>>> {
    let first = territory.grids().count() + territory.communities.len();
    let left = figures
        .grid_workers
        .checked_sub(first)
        .context("there are fewer workers than grids and communities")?;
    let mut largest: Vec<&Grid> =
        territory.grids().filter(|(community, _)| community.urban).map(|(_, grid)| grid).collect();
    largest.sort_by(|one, other| other.weight.total_cmp(&one.weight).then_with(|| one.code.cmp(&other.code)));
    let mut doubled: HashMap<String, Vec<Role>> = HashMap::new();
    for (role, count) in [(Role::GridAssistant, left.div_ceil(2)), (Role::GridHygienist, left / 2)] {
        let grids = largest.get(..count).context("there are more workers than urban grids have room for")?;
        for grid in grids {
            doubled.entry(grid.code.clone()).or_default().push(role);
        }
    }
    Ok(doubled)
}

struct Bodies {
    all: Vec<Body>,
    /// How many logins of a kind there are in an area.
    logins: HashMap<(&'static str, String), usize>,
}

impl Bodies {
    fn add(&mut self, kind: Kind, name: String, area: &str, posts: Vec<Post>) {
        self.all.push(Body { kind, name, area: area.to_owned(), days: None, posts });
    }

    /// `count` posts of a role that serve the body's own area.
    fn posts(&mut self, role: Role, area: &str, count: usize) -> Vec<Post> {
        let mut posts = Vec::with_capacity(count);
        for _ in 0..count {
            let number = self.logins.entry((role.as_str(), area.to_owned())).or_default();
            *number += 1;
            let login = format!("{}-{area}-{:02}", role.as_str(), *number);
            posts.push(Post { role, area: area.to_owned(), login });
        }
        posts
    }

    fn city(&mut self, city: &Unit) {
        let (name, area) = (&city.name, city.code.as_str());
        self.add(Kind::PartyOrganization, format!("中共{name}委员会"), area, Vec::new());
        let posts = [
            (Kind::CommandCentre, "网格化综合指挥中心", vec![(Role::Commander, 2), (Role::Dispatcher, 2)]),
            (Kind::SupervisionCentre, "网格化监督受理中心", vec![(Role::Acceptor, 2)]),
            (Kind::GovernmentDepartment, "人民政府办公室", vec![(Role::Leader, 2)]),
            (Kind::GovernmentDepartment, "审计局", vec![(Role::Auditor, 2)]),
            (Kind::GovernmentDepartment, "大数据中心", vec![(Role::Administrator, 2)]),
        ];
        for (kind, ending, roles) in posts {
            let posts = roles.into_iter().flat_map(|(role, count)| self.posts(role, area, count)).collect();
            self.add(kind, format!("{name}{ending}"), area, posts);
        }
        self.mass_organizations(city);
    }

    fn mass_organizations(&mut self, unit: &Unit) {
        for ending in ["总工会", "妇女联合会", "残疾人联合会", "工商业联合会"] {
            self.add(Kind::MassOrganization, format!("{}{ending}", unit.name), &unit.code, Vec::new());
        }
        self.add(Kind::MassOrganization, format!("共青团{}委员会", unit.name), &unit.code, Vec::new());
        for ending in ["志愿者协会", "社会工作服务中心"] {
            self.add(Kind::SocialOrganization, format!("{}{ending}", unit.name), &unit.code, Vec::new());
        }
    }

    fn county(&mut self, county: &Unit, words: &Words) -> Result<()> {
        let (name, area) = (&county.name, county.code.as_str());
        self.add(Kind::PartyOrganization, format!("中共{name}委员会"), area, Vec::new());
        let mut posts = self.posts(Role::Commander, area, 1);
        posts.extend(self.posts(Role::Dispatcher, area, 3));
        self.add(Kind::CommandCentre, format!("{name}网格化综合指挥中心"), area, posts);
        let posts = self.posts(Role::Acceptor, area, 3);
        self.add(Kind::SupervisionCentre, format!("{name}网格化监督受理中心"), area, posts);
        let posts = self.posts(Role::Leader, area, 2);
        self.add(Kind::GovernmentDepartment, format!("{name}人民政府办公室"), area, posts);
        for department in &words.departments {
            let kind =
                Kind::parse(&department.kind).context("data/demo/departments.toml names an unknown kind")?;
            let posts = self.posts(Role::Handler, area, 2 + usize::from(department.classes.len() > 1));
            self.add(kind, format!("{name}{}", department.name), area, posts);
        }
        for firm in words.firms.iter().take(4) {
            self.add(Kind::Firm, format!("{name}{firm}商贸有限公司"), area, Vec::new());
        }
        self.mass_organizations(county);
        Ok(())
    }

    fn township(&mut self, township: &Unit) {
        let (name, area) = (&township.name, township.code.as_str());
        self.add(Kind::PartyOrganization, format!("中共{name}工作委员会"), area, Vec::new());
        let bodies = [
            (Kind::CommandCentre, "综合指挥和信息化网格中心", Role::Dispatcher, 1),
            (Kind::SupervisionCentre, "监督受理站", Role::Acceptor, 1),
            (Kind::GovernmentDepartment, "党政综合办公室", Role::Leader, 1),
            (Kind::EnforcementTeam, "综合行政执法队", Role::Handler, 2),
        ];
        for (kind, ending, role, count) in bodies {
            let posts = self.posts(role, area, count);
            self.add(kind, format!("{name}{ending}"), area, posts);
        }
    }

    fn community(
        &mut self,
        community: &Community,
        doubled: &HashMap<String, Vec<Role>>,
        words: &Words,
        chance: &mut Chance,
    ) {
        let (short, area) = (&community.short, community.code.as_str());
        self.add(Kind::CommunityCommittee, community.name.clone(), area, Vec::new());
        self.add(Kind::PartyOrganization, format!("中共{short}支部委员会"), area, Vec::new());
        let supervisor =
            Post { role: Role::GridSupervisor, area: area.to_owned(), login: format!("supervisor-{area}") };
        let mut posts = vec![supervisor];
        for grid in &community.grids {
            let more = doubled.get(&grid.code).map_or(&[][..], Vec::as_slice);
            for role in std::iter::once(&Role::GridLeader).chain(more) {
                let word = match role {
                    Role::GridLeader => "grid",
                    Role::GridAssistant => "assistant",
                    _ => "hygienist",
                };
                let login = format!("{word}-{area}-{:02}", grid.order);
                posts.push(Post { role: *role, area: grid.code.clone(), login });
            }
        }
        self.add(Kind::GridTeam, format!("{short}网格队伍"), area, posts);
        if community.urban {
            let posts = self.posts(Role::Handler, area, 2);
            self.add(
                Kind::PropertyManager,
                format!("{}物业服务有限公司{short}项目部", chance.pick(&words.firms)),
                area,
                posts,
            );
            self.add(
                Kind::OwnersCommittee,
                format!("{short}{}业主委员会", chance.pick(&words.compounds)),
                area,
                Vec::new(),
            );
        }
    }

    /// Temporary party organizations at key sites. Each has its end in it and stops by itself.
    fn temporary(&mut self, territory: &Territory, count: usize, words: &Words, chance: &mut Chance) {
        let mut taken = HashSet::new();
        while taken.len() < count {
            let (community, site) =
                (chance.below(territory.communities.len()), chance.below(words.sites.len()));
            if !taken.insert((community, site)) {
                continue;
            }
            let community = &territory.communities[community];
            self.all.push(Body {
                kind: Kind::TemporaryPartyOrganization,
                name: format!("{}{}临时党支部", community.short, words.sites[site]),
                area: community.code.clone(),
                days: Some((chance.seconds(5, 60), chance.seconds(30, 180))),
                posts: Vec::new(),
            });
        }
    }

    /// Gives the easy logins to one post each, all of which one case of the shown community meets.
    fn show(&mut self, territory: &Territory) -> Result<()> {
        let first_grid = format!("{SHOWN_COMMUNITY}001");
        let department = shown_department(territory)?;
        for (word, role, login) in SHOWN_LOGINS {
            let area = match role {
                Role::Resident => continue,
                Role::Leader if word == "leader_city" => territory.city.code.as_str(),
                Role::GridLeader => first_grid.as_str(),
                Role::GridSupervisor => SHOWN_COMMUNITY,
                Role::Commander | Role::Auditor | Role::Administrator => territory.city.code.as_str(),
                _ => SHOWN_COUNTY,
            };
            let bodies = self.all.iter_mut().filter(|body| role != Role::Handler || body.name == department);
            let mut posts = bodies.flat_map(|body| &mut body.posts);
            let is_free = |post: &Post| SHOWN_LOGINS.iter().all(|(.., taken)| post.login != *taken);
            let post = posts.find(|post| post.role == role && post.area == area && is_free(post));
            login.clone_into(&mut post.with_context(|| format!("the plan has no post for {login}"))?.login);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn workers_and_temporary_bodies_are_as_many_as_the_report_says() {
        let (figures, words) = (Figures::read().unwrap(), Words::read().unwrap());
        let territory = Territory::plan(7, &figures, &words).unwrap();
        let bodies = plan(7, &territory, &figures, &words).unwrap();
        let posts: Vec<_> = bodies.iter().flat_map(|it| &it.posts).collect();
        let count = |role| posts.iter().filter(|it| it.role == role).count();
        assert_eq!(Role::GRID.map(count).iter().sum::<usize>(), figures.grid_workers);
        assert_eq!(count(Role::GridLeader), figures.grids);
        assert_eq!(count(Role::GridSupervisor), territory.communities.len());
        assert!(count(Role::GridAssistant) > 0 && count(Role::GridHygienist) > 0);
        let temporary: Vec<_> =
            bodies.iter().filter(|it| it.kind == Kind::TemporaryPartyOrganization).collect();
        assert_eq!(temporary.len(), figures.temporary_organizations);
        assert!(temporary.iter().all(|it| it.days.is_some_and(|(_, left)| left > 0)), "each has an end");
        let logins: BTreeSet<_> = posts.iter().map(|it| &it.login).collect();
        assert_eq!(logins.len(), posts.len(), "no login is there twice");
        for (.., login) in SHOWN_LOGINS.iter().filter(|(_, role, _)| *role != Role::Resident) {
            assert!(logins.contains(&(*login).to_owned()), "{login}");
        }
    }

    #[test]
    fn wherever_a_case_lies_somebody_accepts_dispatches_and_handles_it() {
        let (figures, words) = (Figures::read().unwrap(), Words::read().unwrap());
        let territory = Territory::plan(7, &figures, &words).unwrap();
        let bodies = plan(7, &territory, &figures, &words).unwrap();
        let served: HashSet<_> =
            bodies.iter().flat_map(|it| &it.posts).map(|it| (it.role, it.area.as_str())).collect();
        for unit in territory.townships.iter().chain(&territory.counties) {
            for role in [Role::Acceptor, Role::Dispatcher, Role::Handler, Role::Leader] {
                assert!(
                    served.contains(&(role, unit.code.as_str())),
                    "{} has no {}",
                    unit.name,
                    role.as_str()
                );
            }
        }
    }
}
