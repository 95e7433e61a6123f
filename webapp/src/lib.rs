//! The companion site that deployer deploys: pages, a few tools and a fractal that show from outside
//! which build of which app answers, and how a request came to it. It keeps no state and calls nobody.

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
