//! The companion site that deployer deploys: tools for files, mock API servers and a fractal, and pages that show from
//! outside which build of which app answers, and how a request came to it. It calls nobody.

mod app;
mod arrival;
mod assets;
mod chain;
mod description;
mod echo;
mod fractal;
mod guard;
mod health;
mod metrics;
mod mock;
mod pages;
mod problem;
mod queue;
mod routes;
pub mod serve;
pub mod settings;
mod site;
mod toolbox;
mod visitor;
pub mod worker;

pub use app::App;

#[cfg(test)]
mod tests;
