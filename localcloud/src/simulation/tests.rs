//! A whole deployment in simulated time.

mod certificate;
mod deployment;
mod site;
