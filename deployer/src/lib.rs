//! The deployer: builds, plans, applies and proves.

pub mod image;
