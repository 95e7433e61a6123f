//! A kind of resource, by the address that its operations share.

use http::Method;

use crate::{region::Service, request::Request};

/// A kind of resource, by its address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Noun {
    pub(crate) service: Service,
    /// The path of the collection, without a first slash; each `{}` stands for a parent's name.
    pub(crate) path: &'static str,
}

/// Each takes the vendor's name of the operation, and the names that lead to what it is about: those of
/// the parents fill the path, and the others go on from it.
impl Noun {
    pub(crate) fn get(&self, operation: &'static str, names: &[&str]) -> Request {
        self.request(operation, Method::GET, names)
    }

    pub(crate) fn post(&self, operation: &'static str, names: &[&str]) -> Request {
        self.request(operation, Method::POST, names)
    }

    pub(crate) fn put(&self, operation: &'static str, names: &[&str]) -> Request {
        self.request(operation, Method::PUT, names)
    }

    pub(crate) fn delete(&self, operation: &'static str, names: &[&str]) -> Request {
        self.request(operation, Method::DELETE, names)
    }

    fn request(&self, operation: &'static str, method: Method, names: &[&str]) -> Request {
        let mut names = names.iter().copied();
        let mut segments: Vec<&str> = self
            .path
            .split('/')
            .map(|segment| if segment == "{}" { names.next().unwrap_or_default() } else { segment })
            .collect();
        segments.extend(names);
        Request::new(operation, self.service, method, &segments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKEND: Noun = Noun {
        service: Service::LoadBalancer,
        path: "20170115/loadBalancers/{}/backendSets/{}/backends",
    };

    #[test]
    fn an_operation_has_the_vendors_name_method_and_address() {
        let request = BACKEND.put("UpdateBackend", &["lb", "web", "10.0.0.3:8080"]);
        assert_eq!(request.operation, "UpdateBackend");
        assert_eq!(request.method, Method::PUT);
        let target = "/20170115/loadBalancers/lb/backendSets/web/backends/10.0.0.3%3A8080";
        assert_eq!(request.target, target);
        assert_eq!(
            BACKEND.get("ListBackends", &["lb", "web"]).target,
            "/20170115/loadBalancers/lb/backendSets/web/backends"
        );
    }
}
