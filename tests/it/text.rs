//! Bare text, told apart by shape: the same page in three languages, with other names and other
//! furniture.

use crate::kit::{Site, shared};

struct Page {
    text: &'static str,
    language: &'static str,
    title: &'static str,
    author: &'static str,
    date: &'static str,
    summary: &'static str,
    paragraphs: usize,
    never: &'static [&'static str],
}

fn check(page: &Page) {
    let site = Site::new();
    site.write("news/page.txt", page.text);
    let read = site.explain("news/page.txt");
    assert_eq!(read["title"], page.title);
    assert_eq!(read["authors"], serde_json::json!([page.author]));
    assert_eq!(read["language"], page.language);
    assert_eq!(read["published"], page.date);
    assert_eq!(read["summary"], page.summary);
    let text = read["text"].as_str().unwrap();
    assert_eq!(text.split("\n\n").count(), page.paragraphs, "{text}");
    for never in page.never {
        assert!(!text.contains(never), "{never} is in the body:\n{text}");
    }
    assert_eq!(read["from"]["title"], "text: title line");
}

#[test]
fn english() {
    check(&Page {
        text: "Saturday, 9 May 2026\n\n\
            Harbour library: three thousand used books find new owners in a single afternoon\n\n\
            Children queue in front of the harbour library to swap their books on Saturday\n\n\
            (Gazette.example) - On Saturday afternoon the harbour library held its fourth book swap with more than six hundred readers, among them two school classes from the other bank. Everybody brought a book they had read and took another one home.\n\n\
            According to the organisers, three thousand one hundred books changed hands in only four hours; most of them were children's stories, cookery books and poems printed in the seventies. The oldest reader was eighty-seven years old.\n\n\
            The library yard The library yard\n\n\
            What was left will go to three schools outside the town this month, the organisers said. The next swap is planned for November, when the new reading room above the river opens its doors.\n\n\
            Martha Quinn\n\n\n\
            What readers say\n\nsend\n \n\nAll comments\n\nMore stories\n\nContact us",
        language: "en",
        title: "Harbour library: three thousand used books find new owners in a single afternoon",
        author: "Martha Quinn",
        date: "2026-05-09T00:00:00+07:00",
        summary: "On Saturday afternoon the harbour library held its fourth book swap with more than six hundred readers, among them two school classes from the other bank. Everybody brought a book they had read and took another one home.",
        paragraphs: 3,
        never: &["Children queue", "library yard", "Martha", "comments", "Contact"],
    });
}

#[test]
fn japanese() {
    check(&Page {
        text: "2026年5月9日\n\n\
            港の図書館で古本交換会、三千冊が半日で新しい持ち主のもとへ\n\n\
            図書館の前で本の交換を待つ子どもたち\n\n\
            （みなと新聞）― 港の図書館で九日の午後、四回目となる古本交換会が開かれ、六百人を超える読者が集まった。参加者は読み終えた本を一冊持ち寄り、別の一冊を選んで持ち帰った。\n\n\
            主催者によると、わずか四時間で三千百冊の本が新しい持ち主を見つけた。もっとも多かったのは児童書と料理の本、そして七十年代に刷られた詩集だったという。最年長の参加者は八十七歳だった。\n\n\
            図書館の中庭図書館の中庭\n\n\
            残った本は今月中に町の外の三つの学校へ送られる。次の交換会は、川を見下ろす新しい閲覧室が開く十一月に予定されている。\n\n\
            佐藤花子\n\n\n\
            読者の声\n\n送信\n \n\nほかの記事\n\nお知らせ",
        language: "ja",
        title: "港の図書館で古本交換会、三千冊が半日で新しい持ち主のもとへ",
        author: "佐藤花子",
        date: "2026-05-09T00:00:00+07:00",
        summary: "港の図書館で九日の午後、四回目となる古本交換会が開かれ、六百人を超える読者が集まった。参加者は読み終えた本を一冊持ち寄り、別の一冊を選んで持ち帰った。",
        paragraphs: 3,
        never: &["待つ子ども", "中庭", "佐藤", "読者の声", "お知らせ"],
    });
}

#[test]
fn a_note_of_ones_own_stays_whole() {
    let site = Site::new();
    site.write("a.txt", "A small note\n\nFirst line of it.\n\nSecond line.\n");
    let read = site.explain("a.txt");
    assert_eq!(read["title"], "A small note");
    assert_eq!(read["text"], "First line of it.\n\nSecond line.");
}

#[test]
fn a_note_may_have_its_date_and_author_below_its_title() {
    let site = Site::new();
    let text = "A week of rain\n\n3 May 2024\n\nBy Ann Wright\n\nThe river is over the field.\n";
    site.write("a.txt", text);
    let read = site.explain("a.txt");
    assert_eq!(read["title"], "A week of rain");
    assert_eq!(read["published"], "2024-05-03T00:00:00+07:00");
    assert_eq!(read["authors"][0], "Ann Wright");
    assert_eq!(read["text"], "The river is over the field.");
    // A date that cannot be is told.
    site.write("b.txt", "A week of rain\n\n31/2/2024\n\nThe river is over the field.\n");
    let told = String::from_utf8(site.run(&["explain", "b.txt"]).stdout).unwrap();
    assert!(told.contains("`31/2/2024` is a date that does not exist"), "{told}");
}

/// Day and month are told by the language of what was written, however short it is, where neither
/// the article nor the site names one.
#[test]
fn the_language_that_is_written_orders_a_date() {
    let site = Site::with_config("title = \"T\"\nurl = \"https://a.example/\"\n");
    let prose =
        "Sau ba tháng sửa chữa, chợ mở cửa trở lại trong sáng nay với hàng trăm tiểu thương.";
    let date = "Thứ Ba, 12/3/2024, 10:30 (GMT+7)";
    let more = "Người dân đến từ sớm để mua hàng, và nhiều người ở lại đến tối.";
    let page = format!(
        "<title>Chợ</title>\n<article>\n<h1>Chợ</h1>\n<p>{date}</p>\n<p>{prose} {more}</p>\n\
         <p>{more} {prose}</p>\n<p>Theo ban quản lý, mái chợ đã được thay mới. {more}</p>\n</article>\n"
    );
    for (name, text) in [
        ("a.txt", format!("Chợ Bến Thành mở cửa trở lại\n\n{date}\n\n{prose}\n")),
        ("b.md", format!("# Chợ\n\n{date}\n\n{prose}\n")),
        ("c.md", format!("---\ntitle: Chợ\ndate: {date}\n---\n\n{prose}\n")),
        ("f.html", page),
        ("d.rst", format!("Chợ\n===\n\n:date: {date}\n\n{prose}\n")),
    ] {
        site.write(name, text);
        let read = site.explain(name);
        assert_eq!(read["published"], "2024-03-12T03:30:00+00:00", "{read:#}");
        assert_eq!(read["language"], "vi", "{name}");
    }
    // What is named counts.
    site.write("e.md", format!("---\nlang: en\ndate: 12/3/2024\n---\n\n{prose}\n"));
    let told = String::from_utf8(site.run(&["explain", "e.md"]).stdout).unwrap();
    assert!(told.contains("may be day/month or month/day"), "{told}");
}

#[test]
fn a_list_of_ones_own_loses_nothing() {
    let site = Site::new();
    let lines =
        "500 g Mehl\n1 Würfel Hefe\n\nAlles kneten und eine Stunde gehen lassen, dann backen.";
    site.write("rezept.txt", format!("Zwetschgenkuchen\n\n{lines}\n"));
    let read = site.explain("rezept.txt");
    assert_eq!(read["title"], "Zwetschgenkuchen");
    assert_eq!(read["text"].as_str().unwrap().replace("\n\n", "\n"), lines.replace("\n\n", "\n"));
}

#[test]
fn headings_inside_a_text_stay() {
    let site = Site::new();
    let paragraph =
        "This is a paragraph that is long enough to be one, and it ends as sentences do. ";
    let text = format!("The title of it all\n\n{0}\n\nA heading\n\n{0}{0}\n", paragraph.repeat(2));
    site.write("a.txt", text);
    let read = site.explain("a.txt");
    assert!(read["text"].as_str().unwrap().contains("\n\nA heading\n\n"), "{read:#}");
}

const TITLE: &str = "Quận 5: Tổ chức hội nghị cán bộ chủ chốt quán triệt các văn bản của Đảng về \
    công tác dân vận trong tình hình hiện nay";

#[test]
fn the_real_sample() {
    let Some(sample) = shared("samples/thanhuytphcm-quan-5.txt") else { return };
    let site = Site::new();
    site.write("quan-5/page.txt", std::fs::read(sample).unwrap());
    let read = site.explain("quan-5/page.txt");
    assert_eq!(read["title"], TITLE);
    assert_eq!(read["authors"], serde_json::json!(["Mai Khuê"]));
    assert_eq!(read["language"], "vi");
    assert_eq!(read["published"], "2022-08-15T00:00:00+07:00");
    let summary = read["summary"].as_str().unwrap();
    assert!(summary.starts_with("Chiều 11/5, Quận ủy Quận 5 tổ chức Hội nghị"), "{summary}");
    assert!(summary.ends_with('.'), "{summary}");
    let text = read["text"].as_str().unwrap();
    assert_eq!(text.split("\n\n").count(), 4, "{text}");
    for never in ["báo cáo tại hội nghị", "Quang cảnh", "Mai Khuê", "Ý kiến", "Tin khác", "refresh"]
    {
        assert!(!text.contains(never), "{never} is in the body");
        assert!(!summary.contains(never), "{never} is in the summary");
    }
    assert!(!summary.contains("hanhuytphcm"), "{summary}");
    site.build(0);
    let feed = site.feed("category/quan-5.json");
    let item = &feed["items"][0];
    assert_eq!(item["title"], TITLE);
    assert_eq!(item["summary"], read["summary"]);
    assert_eq!(item["date_published"], "2022-08-15T00:00:00+07:00");
    assert_eq!(item["authors"][0]["name"], "Mai Khuê");
    assert_eq!(item["content_html"].as_str().unwrap().matches("<p>").count(), 4);
}

// ── What the texts of a folder have in common ─────────────────────────────────────────────────

const NOTICE: &str = "The Gazette is written by people who live here, and paid for by its readers \
    alone; if you value what you read, please consider a subscription.";

/// A page of one scraped site; the notice stands where a text's last paragraph may stand.
fn scraped(title: &str, topic: &str) -> String {
    format!(
        "The Gazette\n\nHome\n\nTown\n\n{title}\n\nOn Saturday {topic} was what people spoke of \
         in the market and in the harbour, among them two school classes from the other bank.\n\n\
         What is left to say of {topic} will be said at the meeting in November, when the new \
         reading room above the river opens its doors.\n\n{NOTICE}\n\nMore stories\n\nContact us\n"
    )
}

const TOPICS: [(&str, &str); 3] = [
    ("Harbour library swaps books", "the book swap"),
    ("Bridge closes for a week", "the iron bridge"),
    ("Bakers win the county's prize", "the rye bread"),
];

#[test]
fn a_block_that_stands_in_many_texts_of_a_folder_is_furniture() {
    let site = Site::new();
    for (number, (title, topic)) in TOPICS.iter().enumerate() {
        site.write(&format!("news/{number}.txt"), scraped(title, topic));
        site.write(&format!("apart-{number}/page.txt"), scraped(title, topic));
    }
    for (number, (title, topic)) in TOPICS.iter().enumerate() {
        let read = site.explain(&format!("news/{number}.txt"));
        assert_eq!(read["title"], *title);
        let text = read["text"].as_str().unwrap();
        assert_eq!(text.split("\n\n").count(), 2, "{text}");
        assert_eq!(text.matches(topic).count(), 2, "{text}");
        assert!(!text.contains("Gazette"), "{text}");
        let from = read["from"]["text"].as_str().unwrap();
        assert_eq!(from, "text body without 6 blocks that other texts of its folder have too");
        // The same page in a folder of its own.
        let alone = site.explain(&format!("apart-{number}/page.txt"));
        assert!(alone["text"].as_str().unwrap().contains(NOTICE), "{alone:#}");
    }
}

#[test]
fn what_a_folder_has_in_common_is_not_always_furniture() {
    let prose = |about: &str| {
        format!("This year {about} came out better than in any year before, and nobody knows why.")
    };
    let site = Site::new();
    for (at, word) in ["bread", "soup", "cake", "jam"].into_iter().enumerate() {
        // Headings that recipes share.
        let (one, two) = (prose(word).repeat(3), prose(&format!("the {word}")).repeat(3));
        let recipe = format!("How {word} is made\n\n{one}\n\nHow to go about it\n\n{two}\n");
        site.write(&format!("recipes/{word}.txt"), recipe);
        // A column's title, the day and the author.
        let day = 10 + at / 3;
        let column =
            format!("Letter from the coast\n\n{day} May 2026\n\nBy Ann Wright\n\n{one}\n\n{two}\n");
        site.write(&format!("column/{at}.txt"), column);
        site.write(&format!("lists/{at}.txt"), format!("For {word}\n\nmilk\n\neggs\n\nsalt\n"));
        // One article, saved again and again.
        site.write(&format!("copies/{at}.txt"), format!("How soup is made\n\n{}\n", prose("it")));
    }
    let text = |path: &str| site.explain(path)["text"].as_str().unwrap().to_string();
    assert!(text("recipes/soup.txt").contains("\n\nHow to go about it\n\n"));
    assert_eq!(text("lists/2.txt"), "milk\n\neggs\n\nsalt");
    let column = site.explain("column/0.txt");
    assert_eq!(column["title"], "Letter from the coast");
    assert_eq!(column["published"], "2026-05-10T00:00:00+07:00");
    assert_eq!(column["authors"][0], "Ann Wright");
    assert_eq!(site.explain("copies/3.txt")["title"], "How soup is made");
    assert_eq!(text("copies/3.txt"), prose("it"));
}

#[test]
fn texts_are_read_again_when_others_come_to_stand_beside_them() {
    let site = Site::new();
    for (number, (title, topic)) in TOPICS[..2].iter().enumerate() {
        site.write(&format!("news/{number}.txt"), scraped(title, topic));
        site.touch(&format!("news/{number}.txt"), 86_400);
    }
    let notices = |feed: &serde_json::Value| feed.to_string().matches("please consider").count();
    let daemon = site.serve();
    daemon.until("two texts", |daemon| notices(&daemon.feed("/all.json")) >= 2);
    let before = daemon.feed("/all.json");
    site.write("news/2.txt", scraped(TOPICS[2].0, TOPICS[2].1));
    daemon.until("a third, and no notice", |daemon| {
        let feed = daemon.feed("/all.json");
        feed["items"].as_array().unwrap().len() == 3 && notices(&feed) == 0
    });
    // Nothing that a reader would call news.
    let after = daemon.feed("/all.json");
    for item in before["items"].as_array().unwrap() {
        let same = |other: &&serde_json::Value| other["id"] == item["id"];
        let now = after["items"].as_array().unwrap().iter().find(same).unwrap();
        assert_eq!(now["date_published"], item["date_published"]);
        assert_eq!(now["date_modified"], item["date_modified"]);
    }
    site.remove("news/2.txt");
    // As long as the third may come back, nothing changes for the others.
    daemon.until("the third to be gone", |daemon| {
        let feed = daemon.feed("/all.json");
        let left = feed["items"].as_array().unwrap().len();
        assert_eq!(notices(&feed), if left == 3 { 0 } else { 2 });
        left == 2
    });
    daemon.stop();
    // A run of its own comes to the same bytes as one that saw them come and go.
    let entries = |feed: serde_json::Value| feed["items"].to_string();
    let seen = entries(site.feed("all.json"));
    std::fs::remove_dir_all(site.path(".syndic")).unwrap();
    std::fs::remove_dir_all(site.path("feeds")).unwrap();
    site.build(0);
    assert!(entries(site.feed("all.json")) == seen);
}

/// A script without marks at the ends of sentences.
#[test]
fn thai() {
    let paragraph = "ห้องสมุดริมท่าเรือจัดงานแลกเปลี่ยนหนังสือครั้งที่สี่เมื่อวันเสาร์ที่ผ่านมา มีผู้อ่านมากกว่าหกร้อยคนเข้าร่วม ทุกคนนำหนังสือที่อ่านแล้วมาหนึ่งเล่มและเลือกกลับบ้านไปหนึ่งเล่ม";
    let others = [
        "ผู้จัดงานกล่าวว่าหนังสือสามพันหนึ่งร้อยเล่มเปลี่ยนมือภายในเวลาเพียงสี่ชั่วโมง ส่วนใหญ่เป็นนิทานเด็ก ตำราอาหาร และบทกวีที่พิมพ์เมื่อห้าสิบปีก่อน ผู้อ่านที่อายุมากที่สุดมีอายุแปดสิบเจ็ดปี",
        "หนังสือที่เหลือจะส่งไปยังโรงเรียนสามแห่งนอกเมืองในเดือนนี้ งานครั้งต่อไปจะจัดในเดือนพฤศจิกายน เมื่อห้องอ่านหนังสือใหม่ที่มองเห็นแม่น้ำเปิดให้บริการ",
    ];
    let site = Site::new();
    let title = "ห้องสมุดริมท่าเรือแลกเปลี่ยนหนังสือสามพันเล่มในบ่ายวันเดียว";
    let text = format!(
        "หน้าแรก\n\nข่าว\n\n{title}\n\n9 พฤษภาคม 2569\n\n{paragraph}\n\n{}\n\n{}\n\nข่าวอื่น\n\nติดต่อเรา",
        others[0], others[1]
    );
    site.write("a.txt", text);
    let read = site.explain("a.txt");
    assert_eq!(read["title"], title, "{read}");
    assert_eq!(read["published"], "2026-05-09T00:00:00+07:00", "{read}");
    let body = read["text"].as_str().unwrap();
    assert!(body.starts_with(paragraph) && body.contains(others[1]), "{body}");
}
