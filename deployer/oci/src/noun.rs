//! What the operations on one kind of resource have in common: their names and addresses.

use http::Method;

use crate::{region::Service, request::Request};

/// A kind of resource, such as `Listener`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Noun {
    pub(crate) service: Service,
    /// As in `CreateListener`.
    pub(crate) singular: &'static str,
    /// As in `ListListeners`.
    pub(crate) plural: &'static str,
    /// The path of the collection, without a first slash; each `{}` stands for a parent's name.
    pub(crate) path: &'static str,
}

impl Noun {
    /// `parents` fill the path in order.
    pub(crate) fn create(&self, parents: &[&str]) -> Request {
        self.request(format!("Create{}", self.singular), Method::POST, parents, &[])
    }

    /// `parents` fill the path in order.
    pub(crate) fn list(&self, parents: &[&str]) -> Request {
        self.request(format!("List{}", self.plural), Method::GET, parents, &[])
    }

    /// `names` are the parents and then the resource itself.
    pub(crate) fn get(&self, names: &[&str]) -> Request {
        self.request(format!("Get{}", self.singular), Method::GET, names, &[])
    }

    /// `names` are the parents and then the resource itself.
    pub(crate) fn update(&self, names: &[&str]) -> Request {
        self.request(format!("Update{}", self.singular), Method::PUT, names, &[])
    }

    /// `names` are the parents and then the resource itself.
    pub(crate) fn delete(&self, names: &[&str]) -> Request {
        self.request(format!("Delete{}", self.singular), Method::DELETE, names, &[])
    }

    /// Any other `operation`, on the path that goes on from the resource with `rest`.
    pub(crate) fn on(
        &self,
        operation: &'static str,
        method: Method,
        names: &[&str],
        rest: &[&str],
    ) -> Request {
        self.request(operation.to_owned(), method, names, rest)
    }

    fn request(&self, operation: String, method: Method, names: &[&str], rest: &[&str]) -> Request {
        let mut names = names.iter().copied();
        let mut segments: Vec<&str> = self
            .path
            .split('/')
            .map(|segment| if segment == "{}" { names.next().unwrap_or_default() } else { segment })
            .collect();
        segments.extend(names);
        segments.extend(rest);
        Request::new(operation, self.service, method, &segments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKEND: Noun = Noun {
        service: Service::LoadBalancer,
        singular: "Backend",
        plural: "Backends",
        path: "20170115/loadBalancers/{}/backendSets/{}/backends",
    };

    #[test]
    fn an_operation_has_the_vendors_name_method_and_address() {
        let request = BACKEND.update(&["lb", "web", "10.0.0.3:8080"]);
        assert_eq!(request.operation, "UpdateBackend");
        assert_eq!(request.method, Method::PUT);
        let target = "/20170115/loadBalancers/lb/backendSets/web/backends/10.0.0.3%3A8080";
        assert_eq!(request.target, target);
        assert_eq!(
            BACKEND.list(&["lb", "web"]).target,
            "/20170115/loadBalancers/lb/backendSets/web/backends"
        );
    }
}
