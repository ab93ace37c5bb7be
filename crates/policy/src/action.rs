use kernel::{Id, Organization, Person, Role};

/// What can be asked for. Each is an action of the schema; those with data pass it as context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action<'a> {
    /// The public tree of areas.
    AreaRead,
    AreaImport,
    ProcedureRead,
    OrganizationList,
    OrganizationAdminister,
    /// Which body has to do with what in an area.
    ResponsibilityRead,
    /// Changing the list of that, as after a ruling.
    ResponsibilityDecide,
    /// Starting a case in an area, at a stage that the procedure opens to `roles`.
    CaseReport {
        roles: &'a [Role],
    },
    /// Figures about the cases of an area, without the cases.
    CaseCount,
    /// Figures about the work of the offices of an area.
    WorkCount,
    /// Figures about what one person did in `role`.
    PersonCount {
        role: Role,
    },
    CaseList,
    CaseRead,
    /// Where a case stands that supports one's own, and nothing else of it.
    CaseReadPart,
    /// Stages, times and posts of a case, without its content.
    CaseReadTimeline,
    /// Who reported it.
    CaseReadReporter,
    /// What the city publishes about its cases: no person, no free text that nobody has checked.
    CaseReadPublic,
    /// Who read how to reach the reporter.
    CaseReadReads,
    /// Reading and writing notes that the reporter does not see.
    CaseNoteInternal,
    /// A note that the reporter sees.
    CaseAddNote,
    CaseWithhold,
    /// Ending it as a second report of another case, and undoing that.
    CaseMerge,
    /// Taking a transition of a procedure.
    CaseAdvance(&'a Advance),
    /// Ordering a body to reply about a case.
    SupervisionOrder,
    SupervisionReply,
    /// Accepting a reply, asking for another, or cancelling the order.
    SupervisionDecide,
    /// Saying a word on a claim about what a case counts for.
    CaseDecide(&'a Decide<'a>),
    /// Asking on appeal for a fact of a case to be exempted.
    CaseAppeal,
    PersonRead {
        purpose: Option<Purpose>,
    },
    /// Who read this person's record.
    PersonReadReads,
    /// Asking, by law, that a person is not shown yet that one's body reads their record.
    WithholdingPropose,
    /// Deciding on what another body asked for.
    WithholdingDecide {
        proposed_by: Id<Organization>,
    },
    AccountAdminister,
    /// Giving and taking keys by which other systems report.
    ApiKeyAdminister,
    /// Publishing forms of an area, and closing them.
    FormPublish,
    /// Seeing what is asked.
    FormRead,
    /// Sending a record for a form.
    FormSubmit,
    /// How many records of a form there are, valid and invalid.
    FormCount,
    /// Reading what records of a form say.
    SubmissionRead,
    /// Judging records of a form, giving them back, editing what others sent.
    SubmissionReview,
    /// Giving and taking tokens by which phones send records.
    AppUserAdminister,
    /// Seeing where passes are looked at, and how many looks came to what.
    CheckpointRead,
    /// Opening and closing checkpoints, giving and taking the links of their devices.
    CheckpointAdminister,
    /// Ordering a regime of passes for an area, its rule and its keys.
    PassPropose,
    /// Having the second word on what a body proposed about passes.
    PassApprove {
        proposed_by: Id<Organization>,
    },
    /// Stating, in the name of a body, evidence by which a rule gives passes.
    PassState,
    /// Stating who looks after whom.
    PassStateGuardian {
        /// The body is a community's committee.
        by_committee: bool,
    },
    /// Sending a form to units or people of an area.
    CampaignSend,
    /// Seeing who has answered in an area.
    CampaignRead,
    /// Reminding those who are silent there.
    CampaignRemind,
    /// Closing or withdrawing a campaign of an area.
    CampaignEnd,
    /// Limiting what units of an area may be asked in a month.
    BurdenLimit,
    /// Answering for a unit, or as a person who is asked.
    AnswerGive,
    /// Changing what was answered.
    AnswerChange,
    AnswerRead,
    /// Accepting what a unit answered, or giving it back.
    AnswerReview,
    /// Figures of an area, without small counts of persons.
    StatisticRead,
    /// The records that figures of an area are made of.
    StatisticReadRecords,
    /// Bringing in records that figures of an area are made of.
    StatisticImport,
    /// Reporting what a unit counts, or what units below handed in.
    StatisticReport,
    /// Listing and revoking the account's sessions.
    SessionManage,
    NoticeRead,
    JournalRead,
}

impl Action<'_> {
    /// The action's name in schema and policies.
    pub fn name(self) -> &'static str {
        match self {
            Action::AreaRead => "area_read",
            Action::AreaImport => "area_import",
            Action::ProcedureRead => "procedure_read",
            Action::OrganizationList => "organization_list",
            Action::OrganizationAdminister => "organization_administer",
            Action::ResponsibilityRead => "responsibility_read",
            Action::ResponsibilityDecide => "responsibility_decide",
            Action::CaseReport { .. } => "case_report",
            Action::CaseCount => "case_count",
            Action::WorkCount => "work_count",
            Action::PersonCount { .. } => "person_count",
            Action::CaseList => "case_list",
            Action::CaseRead => "case_read",
            Action::CaseReadPart => "case_read_part",
            Action::CaseReadTimeline => "case_read_timeline",
            Action::CaseReadReporter => "case_read_reporter",
            Action::CaseReadPublic => "case_read_public",
            Action::CaseReadReads => "case_read_reads",
            Action::CaseNoteInternal => "case_note_internal",
            Action::CaseAddNote => "case_add_note",
            Action::CaseWithhold => "case_withhold",
            Action::CaseMerge => "case_merge",
            Action::CaseAdvance(_) => "case_advance",
            Action::SupervisionOrder => "supervision_order",
            Action::SupervisionReply => "supervision_reply",
            Action::SupervisionDecide => "supervision_decide",
            Action::CaseDecide(_) => "case_decide",
            Action::CaseAppeal => "case_appeal",
            Action::PersonRead { .. } => "person_read",
            Action::PersonReadReads => "person_read_reads",
            Action::WithholdingPropose => "withholding_propose",
            Action::WithholdingDecide { .. } => "withholding_decide",
            Action::AccountAdminister => "account_administer",
            Action::ApiKeyAdminister => "api_key_administer",
            Action::FormPublish => "form_publish",
            Action::FormRead => "form_read",
            Action::FormSubmit => "form_submit",
            Action::FormCount => "form_count",
            Action::SubmissionRead => "submission_read",
            Action::SubmissionReview => "submission_review",
            Action::AppUserAdminister => "app_user_administer",
            Action::CheckpointRead => "checkpoint_read",
            Action::CheckpointAdminister => "checkpoint_administer",
            Action::PassPropose => "pass_propose",
            Action::PassApprove { .. } => "pass_approve",
            Action::PassState => "pass_state",
            Action::PassStateGuardian { .. } => "pass_state_guardian",
            Action::CampaignSend => "campaign_send",
            Action::CampaignRead => "campaign_read",
            Action::CampaignRemind => "campaign_remind",
            Action::CampaignEnd => "campaign_end",
            Action::BurdenLimit => "burden_limit",
            Action::AnswerGive => "answer_give",
            Action::AnswerChange => "answer_change",
            Action::AnswerRead => "answer_read",
            Action::AnswerReview => "answer_review",
            Action::StatisticRead => "statistic_read",
            Action::StatisticReadRecords => "statistic_read_records",
            Action::StatisticImport => "statistic_import",
            Action::StatisticReport => "statistic_report",
            Action::SessionManage => "session_manage",
            Action::NoticeRead => "notice_read",
            Action::JournalRead => "journal_read",
        }
    }

    /// One of each, with `advance` for the transition; a test holds it complete against the schema.
    pub fn all(advance: &Advance) -> [Action<'_>; 63] {
        [
            Action::AreaRead,
            Action::AreaImport,
            Action::ProcedureRead,
            Action::OrganizationList,
            Action::OrganizationAdminister,
            Action::ResponsibilityRead,
            Action::ResponsibilityDecide,
            Action::CaseReport { roles: &Role::ALL },
            Action::CaseCount,
            Action::WorkCount,
            Action::PersonCount { role: Role::Acceptor },
            Action::CaseList,
            Action::CaseRead,
            Action::CaseReadPart,
            Action::CaseReadTimeline,
            Action::CaseReadReporter,
            Action::CaseReadPublic,
            Action::CaseReadReads,
            Action::CaseNoteInternal,
            Action::CaseAddNote,
            Action::CaseWithhold,
            Action::CaseMerge,
            Action::CaseAdvance(advance),
            Action::SupervisionOrder,
            Action::SupervisionReply,
            Action::SupervisionDecide,
            Action::CaseDecide(&Decide { roles: &Role::ALL, others: &[] }),
            Action::CaseAppeal,
            Action::PersonRead { purpose: None },
            Action::PersonReadReads,
            Action::WithholdingPropose,
            Action::WithholdingDecide { proposed_by: Id::from_uuid(uuid::Uuid::nil()) },
            Action::AccountAdminister,
            Action::ApiKeyAdminister,
            Action::FormPublish,
            Action::FormRead,
            Action::FormSubmit,
            Action::FormCount,
            Action::SubmissionRead,
            Action::SubmissionReview,
            Action::AppUserAdminister,
            Action::CheckpointRead,
            Action::CheckpointAdminister,
            Action::PassPropose,
            Action::PassApprove { proposed_by: Id::from_uuid(uuid::Uuid::nil()) },
            Action::PassState,
            Action::PassStateGuardian { by_committee: true },
            Action::CampaignSend,
            Action::CampaignRead,
            Action::CampaignRemind,
            Action::CampaignEnd,
            Action::BurdenLimit,
            Action::AnswerGive,
            Action::AnswerChange,
            Action::AnswerRead,
            Action::AnswerReview,
            Action::StatisticRead,
            Action::StatisticReadRecords,
            Action::StatisticImport,
            Action::StatisticReport,
            Action::SessionManage,
            Action::NoticeRead,
            Action::JournalRead,
        ]
    }
}

/// Who may take one transition of a procedure: the data that its file states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advance {
    pub roles: Vec<Role>,
    pub relation: Relation,
    /// Those who may not, because of the part they had in the case.
    pub except: Vec<Party>,
    /// The work on the case ends with it.
    pub closes: bool,
    /// It passes or fails a verification or a check.
    pub checks: bool,
    /// It rates the result.
    pub evaluates: bool,
    /// Only for offices of an area above that of the office that sent the case out.
    pub above_sender: bool,
}

impl Advance {
    /// For everybody in these roles who stands so to the case.
    pub fn of(roles: &[Role], relation: Relation) -> Self {
        Self {
            roles: roles.to_vec(),
            relation,
            except: Vec::new(),
            closes: false,
            checks: false,
            evaluates: false,
            above_sender: false,
        }
    }
}

/// Who may say a word on a claim: those in one of `roles` in the case's area, but none of `others`, who have spoken on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decide<'a> {
    pub roles: &'a [Role],
    pub others: &'a [Id<Person>],
}

/// How the one who takes a transition must stand to the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Relation {
    /// The case lies in the area of the appointment or below it.
    Area,
    /// The appointment is in the organization that owns the case now.
    Owner,
    /// They reported the case, or hold its secret link.
    Reporter,
    /// The clock alone.
    System,
}

impl Relation {
    pub const ALL: [Relation; 4] = [Relation::Area, Relation::Owner, Relation::Reporter, Relation::System];

    pub fn as_str(self) -> &'static str {
        match self {
            Relation::Area => "area",
            Relation::Owner => "owner",
            Relation::Reporter => "reporter",
            Relation::System => "system",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

/// A part that somebody had in a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Party {
    Reporter,
    Verifier,
    Dispatcher,
    /// Also everybody in an organization that handled it.
    Handler,
}

impl Party {
    pub const ALL: [Party; 4] = [Party::Reporter, Party::Verifier, Party::Dispatcher, Party::Handler];

    pub fn as_str(self) -> &'static str {
        match self {
            Party::Reporter => "reporter",
            Party::Verifier => "verifier",
            Party::Dispatcher => "dispatcher",
            Party::Handler => "handler",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

/// Why a person's record is read; journalled with the read and shown to the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// 办理案件: a case at hand needs it.
    Case,
    /// 走访: a visit to the household.
    Visit,
    /// 代办服务: an application made for the person.
    Service,
    /// 应急: danger to life or property.
    Emergency,
}

impl Purpose {
    pub const ALL: [Purpose; 4] = [Purpose::Case, Purpose::Visit, Purpose::Service, Purpose::Emergency];

    pub fn as_str(self) -> &'static str {
        match self {
            Purpose::Case => "case",
            Purpose::Visit => "visit",
            Purpose::Service => "service",
            Purpose::Emergency => "emergency",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}
