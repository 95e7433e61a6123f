//! Every path of the API that this cloud answers, on one screen.

use http::Method;

use super::call::Call;
use super::envelope::{Failure, Success};
use super::{CloudflareService, pulls, purge, ranges, records, settings, tls, zones};

/// The names of all operations.
pub(in crate::services) const OPERATIONS: [&str; 26] = [
    "BatchDnsRecords",
    "CheckActivation",
    "CreateDnsRecord",
    "CreateOriginPull",
    "CreateZone",
    "DeleteDnsRecord",
    "DeleteOriginPull",
    "GetDnsRecord",
    "GetDnssec",
    "GetOriginPull",
    "GetOriginPullSettings",
    "GetSslVerification",
    "GetUniversalSsl",
    "GetZone",
    "GetZoneSetting",
    "ListDnsRecords",
    "ListIps",
    "ListOriginPulls",
    "ListZoneSettings",
    "ListZones",
    "PatchDnsRecord",
    "PatchUniversalSsl",
    "PatchZoneSetting",
    "PurgeCache",
    "UpdateDnsRecord",
    "UpdateOriginPullSettings",
];

type Run = fn(&CloudflareService, &Call<'_>) -> Result<Success, Failure>;

/// One operation of the API.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Route {
    pub(crate) operation: &'static str,
    pub(crate) mutating: bool,
    /// Whether it is answered without a token.
    pub(crate) open: bool,
    pub(crate) run: Run,
}

/// The operation that a method and a path below `/client/v4` mean.
pub(crate) fn find(method: &Method, path: &[&str]) -> Option<Route> {
    Some(match (method.as_str(), path) {
        ("GET", ["ips"]) => Route { open: true, ..read("ListIps", ranges::list) },
        ("GET", ["user", "tokens", "verify"]) => read("VerifyToken", zones::verify_token),
        ("GET", ["zones"]) => read("ListZones", zones::list),
        ("POST", ["zones"]) => write("CreateZone", zones::create),
        ("GET", ["zones", _]) => read("GetZone", zones::get),
        ("PUT", ["zones", _, "activation_check"]) => {
            write("CheckActivation", zones::check_activation)
        }
        ("POST", ["zones", _, "purge_cache"]) => write("PurgeCache", purge::purge),
        ("GET", ["zones", _, "origin_tls_client_auth"]) => read("ListOriginPulls", pulls::list),
        ("POST", ["zones", _, "origin_tls_client_auth"]) => {
            write("CreateOriginPull", pulls::upload)
        }
        ("GET", ["zones", _, "origin_tls_client_auth", "settings"]) => {
            read("GetOriginPullSettings", pulls::enabled)
        }
        ("PUT", ["zones", _, "origin_tls_client_auth", "settings"]) => {
            write("UpdateOriginPullSettings", pulls::switch)
        }
        ("GET", ["zones", _, "origin_tls_client_auth", _]) => read("GetOriginPull", pulls::get),
        ("DELETE", ["zones", _, "origin_tls_client_auth", _]) => {
            write("DeleteOriginPull", pulls::delete)
        }
        ("GET", ["zones", _, "dnssec"]) => read("GetDnssec", tls::dnssec),
        ("GET", ["zones", _, "dns_records"]) => read("ListDnsRecords", records::list),
        ("POST", ["zones", _, "dns_records"]) => write("CreateDnsRecord", records::create),
        ("POST", ["zones", _, "dns_records", "batch"]) => write("BatchDnsRecords", records::batch),
        ("GET", ["zones", _, "dns_records", _]) => read("GetDnsRecord", records::get),
        ("PATCH", ["zones", _, "dns_records", _]) => write("PatchDnsRecord", records::patch),
        ("PUT", ["zones", _, "dns_records", _]) => write("UpdateDnsRecord", records::overwrite),
        ("DELETE", ["zones", _, "dns_records", _]) => write("DeleteDnsRecord", records::delete),
        ("GET", ["zones", _, "settings"]) => read("ListZoneSettings", settings::list),
        ("GET", ["zones", _, "settings", _]) => read("GetZoneSetting", settings::get),
        ("PATCH", ["zones", _, "settings", _]) => write("PatchZoneSetting", settings::patch),
        ("GET", ["zones", _, "ssl", "verification"]) => {
            read("GetSslVerification", tls::verification)
        }
        ("GET", ["zones", _, "ssl", "universal", "settings"]) => {
            read("GetUniversalSsl", tls::universal)
        }
        ("PATCH", ["zones", _, "ssl", "universal", "settings"]) => {
            write("PatchUniversalSsl", tls::switch_universal)
        }
        _ => return None,
    })
}

fn read(operation: &'static str, run: Run) -> Route {
    Route { operation, mutating: false, open: false, run }
}

fn write(operation: &'static str, run: Run) -> Route {
    Route { operation, mutating: true, open: false, run }
}
