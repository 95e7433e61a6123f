//! The vendor's documents survive the models, and secrets do not show.

use serde_json::{Value, json};

use super::*;

fn details() -> Value {
    json!({
        "compartmentId": "c", "availabilityDomain": "Uocm:UK-LONDON-1-AD-1", "faultDomain": "F1",
        "displayName": "web-1", "shape": "CI.Standard.E4.Flex",
        "shapeConfig": {"ocpus": 1.0, "memoryInGBs": 4.5},
        "containerRestartPolicy": "ALWAYS", "gracefulShutdownTimeoutInSeconds": 30,
        "vnics": [{"subnetId": "s", "nsgIds": ["n"], "isPublicIpAssigned": false}],
        "dnsConfig": {"nameservers": ["10.0.0.2"]},
        "freeformTags": {"a": "b"},
        "imagePullSecrets": [
            {"secretType": "BASIC", "registryEndpoint": "lhr.ocir.io", "username": "dXNlcg==",
                "password": "aHVudGVyMg=="},
            {"secretType": "VAULT", "registryEndpoint": "lhr.ocir.io", "secretId": "ocid1.secret"}],
        "volumes": [
            {"name": "tmp", "volumeType": "EMPTYDIR", "backingStore": "MEMORY"},
            {"name": "files", "volumeType": "CONFIGFILE",
                "configs": [{"fileName": "a", "data": "aHVudGVyMg==", "path": "p"}]},
            {"name": "shared", "volumeType": "OCI_FSS_FILE_SYSTEM", "mountTarget": {"id": "m"}}],
        "containers": [{"imageUrl": "lhr.ocir.io/ns/web@sha256:0", "displayName": "web",
            "environmentVariables": {"TOKEN": "aHVudGVyMg=="}, "command": ["/web"],
            "arguments": ["--port", "8080"], "isResourcePrincipalDisabled": true,
            "resourceConfig": {"vcpusLimit": 1.0, "memoryLimitInGBs": 2.0},
            "securityContext": {"securityContextType": "LINUX", "isNonRootUserCheckEnabled": true},
            "volumeMounts": [{"mountPath": "/tmp", "volumeName": "tmp", "isReadOnly": false}],
            "healthChecks": [{"healthCheckType": "HTTP", "port": 8080, "path": "/health",
                "headers": [{"name": "A", "value": "B"}], "intervalInSeconds": 10,
                "failureThreshold": 3, "failureAction": "KILL"}]}],
    })
}

#[test]
fn everything_that_a_creation_can_hold_survives() {
    let model: CreateContainerInstanceDetails = serde_json::from_value(details()).unwrap();
    assert_eq!(serde_json::to_value(model).unwrap(), details());
}

#[test]
fn passwords_environment_and_files_are_never_shown() {
    let model: CreateContainerInstanceDetails = serde_json::from_value(details()).unwrap();
    assert!(!format!("{model:?}").contains("aHVudGVyMg"));
}
