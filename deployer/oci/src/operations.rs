//! The functions that most modules of resources are made of, written from a table.
//!
//! A line of a table is `function = Operation(body) -> answer;` with the vendor's name of the operation,
//! such as `get = GetVcn() -> Vcn;`. A table may leave out lines, but keeps the order of the rest.

/// The functions of a resource that has an id and is in a compartment.
///
/// `list` may name one filter: the argument, and what the query calls it.
macro_rules! resource_operations {
    (
        of $noun:ident;
        $(create = $create:ident($creation:ty) -> $created:ty;)?
        $(get = $get:ident() -> $shown:ty;)?
        $(list = $list:ident($($filter:ident: $query:literal)?) -> $listed:ty;)?
        $(update = $update:ident($change:ty) -> $changed:ty;)?
        $(delete = $delete:ident();)?
    ) => {
        $(
            #[doc = concat!("`", stringify!($create), "`.")]
            ///
            /// # Errors
            /// See [`Kind`](crate::Kind).
            pub async fn create(
                client: &$crate::Client,
                details: &$creation,
                mutation: &$crate::Mutation,
            ) -> $crate::Result<$crate::Response<$created>> {
                let request = $noun.post(stringify!($create), &[]);
                client.call(&request.json(details).guarded(mutation)).await
            }
        )?

        $(
            #[doc = concat!("`", stringify!($get), "`.")]
            ///
            /// # Errors
            /// See [`Kind`](crate::Kind).
            pub async fn get(
                client: &$crate::Client,
                id: &str,
            ) -> $crate::Result<$crate::Response<$shown>> {
                client.call(&$noun.get(stringify!($get), &[id])).await
            }
        )?

        $(
            #[doc = concat!(
                "`", stringify!($list), "`: all of a compartment",
                $(", or those in it with this `", stringify!($filter), "`",)? "."
            )]
            ///
            /// # Errors
            /// See [`Kind`](crate::Kind).
            pub async fn list(
                client: &$crate::Client,
                compartment_id: &str,
                $($filter: Option<&str>,)?
            ) -> $crate::Result<$listed> {
                let request = $noun.get(stringify!($list), &[]);
                let request = request.query("compartmentId", compartment_id);
                client.list(&request$(.query_if($query, $filter))?).await
            }
        )?

        $(
            #[doc = concat!("`", stringify!($update), "`: what `details` leaves out stays.")]
            ///
            /// # Errors
            /// See [`Kind`](crate::Kind).
            pub async fn update(
                client: &$crate::Client,
                id: &str,
                details: &$change,
                mutation: &$crate::Mutation,
            ) -> $crate::Result<$crate::Response<$changed>> {
                let request = $noun.put(stringify!($update), &[id]);
                client.call(&request.json(details).guarded(mutation)).await
            }
        )?

        $(
            #[doc = concat!("`", stringify!($delete), "`.")]
            ///
            /// # Errors
            /// See [`Kind`](crate::Kind).
            pub async fn delete(
                client: &$crate::Client,
                id: &str,
                mutation: &$crate::Mutation,
            ) -> $crate::Result<$crate::Response<()>> {
                let request = $noun.delete(stringify!($delete), &[id]);
                client.call_empty(&request.guarded(mutation)).await
            }
        )?
    };
}

/// The functions of a child of a load balancer, which has a name. Changes are asynchronous.
macro_rules! child_operations {
    (
        of $noun:ident;
        $(create = $create:ident($creation:ty);)?
        $(get = $get:ident() -> $shown:ty;)?
        $(list = $list:ident() -> $listed:ty;)?
        $(update = $update:ident($change:ty);)?
        $(delete = $delete:ident();)?
    ) => {
        $(
            #[doc = concat!("`", stringify!($create), "`.")]
            ///
            /// # Errors
            /// See [`Kind`](crate::Kind).
            pub async fn create(
                client: &$crate::Client,
                load_balancer_id: &str,
                details: &$creation,
                mutation: &$crate::Mutation,
            ) -> $crate::Result<$crate::Response<()>> {
                let request = $noun.post(stringify!($create), &[load_balancer_id]);
                client.call_empty(&request.json(details).guarded(mutation)).await
            }
        )?

        $(
            #[doc = concat!("`", stringify!($get), "`.")]
            ///
            /// # Errors
            /// See [`Kind`](crate::Kind).
            pub async fn get(
                client: &$crate::Client,
                load_balancer_id: &str,
                name: &str,
            ) -> $crate::Result<$crate::Response<$shown>> {
                client.call(&$noun.get(stringify!($get), &[load_balancer_id, name])).await
            }
        )?

        $(
            #[doc = concat!("`", stringify!($list), "`: all of a load balancer.")]
            ///
            /// # Errors
            /// See [`Kind`](crate::Kind).
            pub async fn list(
                client: &$crate::Client,
                load_balancer_id: &str,
            ) -> $crate::Result<$listed> {
                client.list(&$noun.get(stringify!($list), &[load_balancer_id])).await
            }
        )?

        $(
            #[doc = concat!("`", stringify!($update), "`: replaces the whole of it.")]
            ///
            /// # Errors
            /// See [`Kind`](crate::Kind).
            pub async fn update(
                client: &$crate::Client,
                load_balancer_id: &str,
                name: &str,
                details: &$change,
                mutation: &$crate::Mutation,
            ) -> $crate::Result<$crate::Response<()>> {
                let request = $noun.put(stringify!($update), &[load_balancer_id, name]);
                client.call_empty(&request.json(details).guarded(mutation)).await
            }
        )?

        $(
            #[doc = concat!("`", stringify!($delete), "`.")]
            ///
            /// # Errors
            /// See [`Kind`](crate::Kind).
            pub async fn delete(
                client: &$crate::Client,
                load_balancer_id: &str,
                name: &str,
                mutation: &$crate::Mutation,
            ) -> $crate::Result<$crate::Response<()>> {
                let request = $noun.delete(stringify!($delete), &[load_balancer_id, name]);
                client.call_empty(&request.guarded(mutation)).await
            }
        )?
    };
}

pub(crate) use {child_operations, resource_operations};

#[cfg(test)]
mod tests;
