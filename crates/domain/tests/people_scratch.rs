#[path = "it/account.rs"] mod account;
#[path = "it/ground.rs"] mod ground;
#[path = "it/organization.rs"] mod organization;
#[path = "it/resident.rs"] mod resident;
#[path = "it/support.rs"] mod support;
