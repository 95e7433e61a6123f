//! What is sent to the engine: the Dockerfile and the program, and nothing of the folder they came
//! from, so that no secret can be in it.

use std::io;

use bytes::Bytes;
use handlebars::{Handlebars, RenderError, no_escape};

use super::super::{
    layer::{File, archive},
    manifest::Runtime,
};

/// Why there is no build context.
#[derive(Debug, thiserror::Error)]
pub enum ContextError {
    /// The template is broken, or asks for a field that there is not.
    #[error("templates/Dockerfile.hbs cannot be rendered")]
    Template(#[from] Box<RenderError>),
    /// A value would mean something to Docker.
    #[error("{0:?} cannot be written into a Dockerfile")]
    Value(String),
    /// The tar cannot hold the program.
    #[error("the build context cannot be packed")]
    Pack(#[source] io::Error),
}

/// Renders the Dockerfile's `template`; a field that it misspells is an error, not a blank.
///
/// # Errors
/// [`ContextError::Template`] or [`ContextError::Value`].
pub fn dockerfile(template: &str, runtime: &Runtime) -> Result<String, ContextError> {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "._-:/".contains(c);
    for value in runtime.labels.values().chain([&runtime.binary]) {
        if !value.chars().all(harmless) {
            return Err(ContextError::Value(value.clone()));
        }
    }
    let mut handlebars = Handlebars::new();
    handlebars.set_strict_mode(true);
    handlebars.register_escape_fn(no_escape);
    handlebars.render_template(template, runtime).map_err(|error| Box::new(error).into())
}

/// The tar to build from: `Dockerfile`, and `program` under the name that the runtime gives it.
///
/// # Errors
/// [`ContextError`].
pub fn context(template: &str, runtime: &Runtime, program: &[u8]) -> Result<Bytes, ContextError> {
    let dockerfile = dockerfile(template, runtime)?;
    let files = [
        File { path: "Dockerfile", content: dockerfile.as_bytes() },
        File { path: &runtime.binary, content: program },
    ];
    archive(&files, Vec::new()).map(Bytes::from).map_err(ContextError::Pack)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    const TEMPLATE: &str = include_str!("../../../../templates/Dockerfile.hbs");

    #[test]
    fn the_dockerfile_copies_one_program_and_runs_it_as_nobody() {
        let text = dockerfile(TEMPLATE, &Runtime::new("site", 8080, "00112233")).unwrap();
        expect![[r#"
            FROM scratch
            COPY site /site
            LABEL org.opencontainers.image.title="site"
            LABEL org.opencontainers.image.version="00112233"
            ENV PORT=8080
            EXPOSE 8080
            USER 65532:65532
            WORKDIR /
            ENTRYPOINT ["/site"]
        "#]]
        .assert_eq(&text);
    }

    #[test]
    fn a_misspelt_field_is_an_error() {
        let error = dockerfile("EXPOSE {{prot}}", &Runtime::new("site", 80, "0")).unwrap_err();
        assert!(matches!(error, ContextError::Template(_)), "{error}");
    }

    #[test]
    fn a_value_cannot_add_an_instruction() {
        let error = dockerfile(TEMPLATE, &Runtime::new("a\nUSER root", 80, "0")).unwrap_err();
        assert!(matches!(error, ContextError::Value(_)), "{error}");
    }

    #[test]
    fn the_context_holds_two_files_and_is_the_same_each_time() {
        let make = || context(TEMPLATE, &Runtime::new("site", 80, "0"), b"program").unwrap();
        let bytes = make();
        let mut archive = tar::Archive::new(&bytes[..]);
        let names = archive.entries().unwrap().map(|it| it.unwrap().path().unwrap().into_owned());
        assert_eq!(names.collect::<Vec<_>>(), ["Dockerfile", "site"].map(std::path::PathBuf::from));
        assert_eq!(make(), bytes);
    }
}
