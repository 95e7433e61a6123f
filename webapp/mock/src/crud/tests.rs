use super::*;
use crate::random::Seeded;

const DATA: &str = r#"{"posts":[{"id":1,"title":"b","views":10,"author":{"name":"Ada"}},
    {"id":2,"title":"a","views":30,"author":{"name":"Bob"}},{"id":3,"title":"c","views":20}],
    "comments":[{"id":1,"postId":1,"body":"hi"},{"id":2,"postId":2,"body":"ho"}],"profile":{"name":"me"}}"#;

fn crud() -> Crud {
    Crud::new(&Json::parse(DATA.as_bytes()).unwrap()).unwrap()
}

fn ask(crud: &mut Crud, method: &str, url: &str, body: &str) -> (u16, Json, Reply) {
    let request = Request::new(method, url).with_body(body);
    let reply = crud.answer(&request, &mut Seeded(1)).unwrap();
    (reply.status, Json::parse(&reply.body).unwrap(), reply)
}

fn ids(url: &str) -> String {
    let (_, list, _) = ask(&mut crud(), "GET", url, "");
    let ids = list.as_array().unwrap().iter().map(|item| item.get("id").unwrap().plain());
    ids.collect::<Vec<_>>().join(" ")
}

#[test]
fn lists_are_filtered_sorted_and_searched() {
    assert_eq!(ids("/posts?title=a&title=b"), "1 2");
    assert_eq!(ids("/posts?author.name=Ada"), "1");
    assert_eq!(ids("/posts?views_gte=20&views_lte=25"), "3");
    assert_eq!(ids("/posts?id_ne=1"), "2 3");
    assert_eq!(ids("/posts?title_like=[ab]"), "1 2");
    assert_eq!(ids("/posts?_sort=views&_order=desc"), "2 3 1");
    assert_eq!(ids("/posts?q=bob"), "2");
    assert_eq!(ids("/posts/1/comments"), "1");
}

#[test]
fn pages_say_how_many_there_are_and_where_the_others_are() {
    let (_, list, reply) = ask(&mut crud(), "GET", "/posts?_page=2&_limit=1", "");
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(reply.header("x-total-count"), Some("3"));
    let link = reply.header("link").unwrap();
    assert!(
        link.contains("<http://localhost:8080/posts?_page=3&_limit=1>; rel=\"next\""),
        "{link}"
    );
    assert_eq!(ids("/posts?_start=1&_end=2"), "2");
}

#[test]
fn children_are_embedded_and_parents_expanded() {
    let (_, post, _) = ask(&mut crud(), "GET", "/posts/1?_embed=comments", "");
    assert_eq!(post.pointer("/comments/0/body"), Some(&"hi".into()));
    let (_, comment, _) = ask(&mut crud(), "GET", "/comments/2?_expand=post", "");
    assert_eq!(comment.pointer("/post/title"), Some(&"a".into()));
}

#[test]
fn items_are_made_replaced_changed_and_removed_with_what_refers_to_them() {
    let mut crud = crud();
    let (status, made, reply) = ask(&mut crud, "POST", "/posts", r#"{"title":"d"}"#);
    assert_eq!((status, made.get("id")), (201, Some(&4.into())));
    assert_eq!(reply.header("location"), Some("http://localhost:8080/posts/4"));
    assert_eq!(
        ask(&mut crud, "PATCH", "/posts/1", r#"{"views":11}"#).1.get("title"),
        Some(&"b".into())
    );
    assert_eq!(
        ask(&mut crud, "PUT", "/posts/1", r#"{"views":12}"#).1.to_string(),
        r#"{"views":12,"id":1}"#
    );
    assert_eq!(ask(&mut crud, "DELETE", "/posts/1", "").1.to_string(), "{}");
    assert_eq!(ask(&mut crud, "GET", "/comments", "").1.as_array().unwrap().len(), 1);
    let (status, nothing, _) = ask(&mut crud, "GET", "/posts/1", "");
    assert_eq!((status, nothing.to_string().as_str()), (404, "{}"));
}

#[test]
fn a_single_resource_is_read_and_changed_as_a_whole() {
    let mut crud = crud();
    assert_eq!(
        ask(&mut crud, "PATCH", "/profile", r#"{"age":1}"#).1.to_string(),
        r#"{"name":"me","age":1}"#
    );
    assert!(crud.answer(&Request::new("GET", "/other"), &mut Seeded(1)).is_none());
    assert!(Crud::new(&Json::parse(br#"{"a":[1]}"#).unwrap()).unwrap_err().at == "/a");
}

/// Found by attacking it: a query of a thousand names that no item has kept everybody else waiting for minutes.
#[test]
fn what_no_item_has_is_no_filter_and_filters_are_bounded() {
    assert_eq!(ids("/posts?cachebuster=1&id=2"), "2");
    let many: String = (0..65).map(|number| format!("&a{number}=1")).collect();
    let (status, told, _) = ask(&mut crud(), "GET", &format!("/posts?{many}"), "");
    assert_eq!(
        (status, told.get("error").unwrap().plain()),
        (400, "a query has at most 64 filters".into())
    );
}

#[test]
fn names_that_follow_no_rule_have_their_relations() {
    let data = r#"{"movies":[{"id":1}],"people":[{"id":7}],"courses":[{"id":3}],
        "reviews":[{"id":1,"movieId":1,"personId":7,"courseId":3},{"id":2,"movieId":2}]}"#;
    let mut crud = Crud::new(&Json::parse(data.as_bytes()).unwrap()).unwrap();
    let (_, movie, _) = ask(&mut crud, "GET", "/movies/1?_embed=reviews", "");
    assert_eq!(movie.get("reviews").unwrap().as_array().unwrap().len(), 1);
    let (_, course, _) = ask(&mut crud, "GET", "/courses/3?_embed=reviews", "");
    assert_eq!(course.get("reviews").unwrap().as_array().unwrap().len(), 1);
    let (_, reviews, _) = ask(&mut crud, "GET", "/reviews?_expand=person&_expand=movie", "");
    let first = &reviews.as_array().unwrap()[0];
    assert!(first.get("person").is_some() && first.get("movie").is_some());
    let (_, made, _) = ask(&mut crud, "POST", "/movies/1/reviews", "{}");
    assert!(made.get("movieId").is_some(), "{made}");
}
