use kernel::{
    Appointment as AppointmentName, Area, AreaPath, Id, Organization as OrganizationName, Person,
    Post as PostName, Role, Timestamp,
};
use policy::Appointment as Office;
use serde::{Deserialize, Serialize};

/// What a body is; the Chinese terms are those of `docs/glossary.md`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum OrganizationKind {
    /// 党组织
    PartyOrganization,
    /// 临时党组织
    TemporaryPartyOrganization,
    /// 政府部门
    GovernmentDepartment,
    /// 执法队
    EnforcementTeam,
    /// 群团组织
    MassOrganization,
    /// 企业
    Firm,
    /// 物业服务企业
    PropertyManager,
    /// 业主委员会
    OwnersCommittee,
    /// 社会组织
    SocialOrganization,
    /// 监督中心
    SupervisionCentre,
    /// 指挥中心
    CommandCentre,
    /// 嘎查村委会、居委会
    CommunityCommittee,
    /// 网格队伍: the workers of a grid or a community
    GridTeam,
}

impl OrganizationKind {
    pub const ALL: [OrganizationKind; 13] = [
        OrganizationKind::PartyOrganization,
        OrganizationKind::TemporaryPartyOrganization,
        OrganizationKind::GovernmentDepartment,
        OrganizationKind::EnforcementTeam,
        OrganizationKind::MassOrganization,
        OrganizationKind::Firm,
        OrganizationKind::PropertyManager,
        OrganizationKind::OwnersCommittee,
        OrganizationKind::SocialOrganization,
        OrganizationKind::SupervisionCentre,
        OrganizationKind::CommandCentre,
        OrganizationKind::CommunityCommittee,
        OrganizationKind::GridTeam,
    ];

    /// Kinds to which a case can be sent.
    pub const HANDLING: [OrganizationKind; 3] = [
        OrganizationKind::GovernmentDepartment,
        OrganizationKind::EnforcementTeam,
        OrganizationKind::PropertyManager,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            OrganizationKind::PartyOrganization => "party_organization",
            OrganizationKind::TemporaryPartyOrganization => "temporary_party_organization",
            OrganizationKind::GovernmentDepartment => "government_department",
            OrganizationKind::EnforcementTeam => "enforcement_team",
            OrganizationKind::MassOrganization => "mass_organization",
            OrganizationKind::Firm => "firm",
            OrganizationKind::PropertyManager => "property_manager",
            OrganizationKind::OwnersCommittee => "owners_committee",
            OrganizationKind::SocialOrganization => "social_organization",
            OrganizationKind::SupervisionCentre => "supervision_centre",
            OrganizationKind::CommandCentre => "command_centre",
            OrganizationKind::CommunityCommittee => "community_committee",
            OrganizationKind::GridTeam => "grid_team",
        }
    }

    pub fn parse(text: &str) -> Option<OrganizationKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A body that works in an area. In force from `from` up to but not including `to`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Organization {
    pub id: Id<OrganizationName>,
    pub kind: OrganizationKind,
    pub name: String,
    pub area: Id<Area>,
    pub area_path: AreaPath,
    pub from: Timestamp,
    pub to: Option<Timestamp>,
}

/// What somebody founds; the area's path is looked up.
#[derive(Clone, Debug)]
pub struct NewOrganization {
    pub kind: OrganizationKind,
    pub name: String,
    pub area: Id<Area>,
    pub from: Timestamp,
    pub to: Option<Timestamp>,
}

/// A place in an organization, with its role and the area that it serves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Post {
    pub id: Id<PostName>,
    pub organization: Id<OrganizationName>,
    pub role: Role,
    pub area: Id<Area>,
    pub area_path: AreaPath,
}

/// A person's time in a post: from `from` up to but not including `to`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Appointment {
    pub id: Id<AppointmentName>,
    pub post: Id<PostName>,
    pub person: Id<Person>,
    pub from: Timestamp,
    pub to: Option<Timestamp>,
}

/// A post and who holds it now. A post that several hold comes once for each.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PostInForce {
    pub post: Post,
    pub appointment: Option<Appointment>,
}

/// Which organizations a list holds; `None` does not narrow.
#[derive(Clone, Default, Debug)]
pub struct Filter {
    /// This area and all below it.
    pub area: Option<AreaPath>,
    pub kind: Option<OrganizationKind>,
    pub name_prefix: Option<String>,
}

/// What decides how far a body is from an area, nearest first: how much of the way from the root they
/// share, then whether the body stands for the area as a whole, then the name.
pub fn distance(organization: &Organization, area: &AreaPath) -> (usize, usize, String) {
    let shared =
        organization.area_path.codes().zip(area.codes()).take_while(|(one, other)| one == other).count();
    let apart = area.codes().count() - shared;
    (apart, organization.area_path.codes().count(), organization.name.clone())
}

/// Whom what is told to posts reaches, and which of the posts nobody holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    pub offices: Vec<Office>,
    pub vacant: Vec<Vacancy>,
}

/// A post that would have been told, had anybody held it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vacancy {
    pub role: Role,
    /// None where no body around has such a post.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub organization: Option<Id<OrganizationName>>,
}

impl Reached {
    /// Takes in what is not there yet.
    pub fn add(&mut self, other: Reached) {
        for office in other.offices {
            if !self.offices.contains(&office) {
                self.offices.push(office);
            }
        }
        for vacancy in other.vacant {
            if !self.vacant.contains(&vacancy) {
                self.vacant.push(vacancy);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back_and_no_other_word_is_one() {
        assert!(
            OrganizationKind::ALL.iter().all(|kind| OrganizationKind::parse(kind.as_str()) == Some(*kind))
        );
        assert_eq!(OrganizationKind::parse("Firm"), None);
        assert!(OrganizationKind::ALL.iter().enumerate().all(|(index, kind)| *kind as usize == index));
    }
}
