use super::*;

const PETS: &str = r##"
openapi: 3.0.0
servers: [{url: https://example.com/v1}]
paths:
  /pets:
    get:
      parameters:
        - {name: limit, in: query, required: true, schema: {type: integer, maximum: 100}}
      responses:
        '200':
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}
              examples:
                cat: {value: [{id: 1, name: Tom}]}
                dog: {value: [{id: 2, name: Rex}]}
        '404': {description: none, content: {application/json: {example: {error: none}}}}
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}
      responses: {'201': {description: made}}
components:
  schemas:
    Pet:
      type: object
      required: [name]
      properties:
        id: {type: integer}
        name: {type: string}
        friend: {$ref: '#/components/schemas/Pet'}
"##;

fn ask(request: &Request) -> (u16, Json) {
    let reply = OpenApi::read(PETS).unwrap().answer(request, 7).unwrap();
    (reply.status, Json::parse(&reply.body).unwrap_or_default())
}

#[test]
fn the_example_is_given_first_and_another_when_preferred() {
    assert_eq!(
        ask(&Request::new("GET", "/pets?limit=1")).1.pointer("/0/name"),
        Some(&"Tom".into())
    );
    let dog = Request::new("GET", "/v1/pets?limit=1").with_header("Prefer", "example=dog");
    assert_eq!(ask(&dog).1.pointer("/0/name"), Some(&"Rex".into()));
    let none = Request::new("GET", "/pets?limit=1").with_header("Prefer", "code=404");
    assert_eq!(ask(&none).0, 404);
}

#[test]
fn made_up_values_are_the_same_for_the_same_seed_and_circles_end() {
    let dynamic = Request::new("GET", "/pets?limit=1").with_header("Prefer", "dynamic=true");
    let (status, made) = ask(&dynamic);
    assert_eq!((status, ask(&dynamic).1 == made), (200, true));
    assert_eq!(made.pointer("/0/friend/friend/name"), Some(&"string".into()));
}

#[test]
fn what_is_wrong_with_a_request_is_said_where() {
    let (status, problem) = ask(&Request::new("GET", "/pets"));
    assert_eq!((status, problem.pointer("/validation/0/code")), (422, Some(&"required".into())));
    let (_, problem) = ask(&Request::new("GET", "/pets?limit=many"));
    assert_eq!(
        problem.pointer("/validation/0/message"),
        Some(&"Request query.limit must be integer".into())
    );
    let pet = Request::new("POST", "/pets")
        .with_header("Content-Type", "application/json")
        .with_body(r#"{"id":"x"}"#);
    assert_eq!(ask(&pet).1.pointer("/validation/0/location"), Some(&Json::from(vec!["body"])));
    assert_eq!(ask(&Request::new("DELETE", "/pets")).0, 405);
}

#[test]
fn references_out_of_the_document_and_to_nowhere_are_refused_with_their_place() {
    let leaving = PETS.replace("'#/components/schemas/Pet'", "'http://example.com/pet.json'");
    assert!(OpenApi::read(&leaving).unwrap_err().why.contains("leaves the document"));
    let nowhere = PETS.replace("'#/components/schemas/Pet'", "'#/nowhere'");
    assert!(OpenApi::read(&nowhere).unwrap_err().at.starts_with("/paths/~1pets"));
}

#[test]
fn schemas_that_double_at_every_step_end_within_bounds() {
    let mut text = String::from(
        r##"{"openapi":"3.1.0","paths":{
            "/a":{"get":{"responses":{"200":{"content":{
            "application/json":{"schema":{"$ref":"#/s/s0"}}}}}}}},"s":{"##,
    );
    for n in 0..30 {
        let next = format!(r##"{{"$ref":"#/s/s{}"}}"##, n + 1);
        text.push_str(
            &[
                r#""s"#,
                &n.to_string(),
                r#"":{"properties":{"#,
                &(0..8).map(|i| format!(r#""p{i}":{next}"#)).collect::<Vec<_>>().join(","),
                "}},",
            ]
            .concat(),
        );
    }
    text.push_str(r#""s30":{"type":"string"}}}"#);
    let reply = OpenApi::read(&text).unwrap().answer(&Request::new("GET", "/a"), 1).unwrap();
    assert!(reply.body.len() < 100_000);
}
