use serde::{Deserialize, Serialize};

/// What a person may be to the network. `Anonymous` and `Resident` need no appointment.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Anonymous,
    Resident,
    /// 网格长
    GridLeader,
    /// 协管员
    GridAssistant,
    /// 监督员
    GridSupervisor,
    /// 卫生员
    GridHygienist,
    /// 受理员, of the supervision centre
    Acceptor,
    /// 派遣员, of the command centre
    Dispatcher,
    /// 处置员, of a body that handles
    Handler,
    /// 督办领导
    Leader,
    /// 指挥长
    Commander,
    /// 审计员
    Auditor,
    /// 系统管理员
    Administrator,
}

impl Role {
    pub const ALL: [Role; 13] = [
        Role::Anonymous,
        Role::Resident,
        Role::GridLeader,
        Role::GridAssistant,
        Role::GridSupervisor,
        Role::GridHygienist,
        Role::Acceptor,
        Role::Dispatcher,
        Role::Handler,
        Role::Leader,
        Role::Commander,
        Role::Auditor,
        Role::Administrator,
    ];

    /// The four roles of a grid worker (网格员).
    pub const GRID: [Role; 4] =
        [Role::GridLeader, Role::GridAssistant, Role::GridSupervisor, Role::GridHygienist];

    pub fn as_str(self) -> &'static str {
        match self {
            Role::Anonymous => "anonymous",
            Role::Resident => "resident",
            Role::GridLeader => "grid_leader",
            Role::GridAssistant => "grid_assistant",
            Role::GridSupervisor => "grid_supervisor",
            Role::GridHygienist => "grid_hygienist",
            Role::Acceptor => "acceptor",
            Role::Dispatcher => "dispatcher",
            Role::Handler => "handler",
            Role::Leader => "leader",
            Role::Commander => "commander",
            Role::Auditor => "auditor",
            Role::Administrator => "administrator",
        }
    }

    pub fn parse(text: &str) -> Option<Role> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    pub fn is_grid(self) -> bool {
        Self::GRID.contains(&self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_stored_by_the_word_that_names_it_everywhere() {
        use serde::de::value::{Error, StrDeserializer};
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
            assert_eq!(Role::deserialize(StrDeserializer::<Error>::new(role.as_str())), Ok(role));
        }
    }
}
