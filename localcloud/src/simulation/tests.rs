//! A whole deployment in simulated time.

mod certificate;
mod conduct;
mod deployment;
mod export;
mod site;
mod speed;
