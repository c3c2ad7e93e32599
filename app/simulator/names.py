"""Words of many scripts, with quotes, markup and emoji among them, for names and texts."""

from random import Random

PEOPLE = (
    "Ada Lovelace",
    "Андрей Колмогоров",
    "प्रिया शर्मा",
    "王小明",
    "ليلى حداد",
    "Søren Ødegård",
    "Zoë O'Neil",
    "María-José Núñez",
    "たなか はなこ",
    'Robert "Bob" Tables',
    "🦊 Renard",
    "Наталія Шевченко",
    "김민준",
    "<b>Max</b> & Moritz",
    "Ἀλέξανδρος Παπαδόπουλος",
    "דנה כהן",
)

SPACES = (
    "Engineering",
    "Маркетинг",
    "बिक्री",
    "客户成功",
    "المبيعات",
    "People & Culture",
    "R&D 🚀",
    'The "Other" Space',
)

PLACES = (
    "Sprint",
    "Backlog",
    "Заявки",
    "रोडमैप",
    "待办事项",
    "مهام",
    "Q3 / Q4",
    "Client: O'Brien",
    "<script>alert('list')</script>",
    "Ideen 💡",
    "Ünïcödé",
    "設計",
)

VERBS = ("Fix", "Write", "Проверить", "समीक्षा", "修复", "إصلاح", "Prüfe", "Deploy 🚢", "Review", "Обновить")

THINGS = (
    "the login page",
    "отчёт за квартал",
    "बिल का प्रारूप",
    "支付接口",
    "صفحة الهبوط",
    '"quoted" report',
    "<script>alert(1)</script>",
    "invoice №",
    "C:\\temp\\new",
    "emoji 👩‍👩‍👧‍👦 picker",
    "O'Reilly's order",
    "a; DROP TABLE tasks;--",
    "100% of & < > things",
    "naïve café",
    "zero\u200bwidth and \u202eright-to-left",
)

SENTENCES = (
    "Please have a look at this.",
    "Готово, можно проверять ✅",
    "कृपया इसे आज पूरा करें।",
    "请在周五之前完成。",
    "هل يمكنك مراجعة هذا؟",
    'He said: "it\'s done" — is it?\nSecond line.',
    "<p onclick=\"alert('x')\">markup</p>",
    "Tabs\tand\ttabs, backslash \\ and null-ish \\u0000 text.",
    "👍",
    "Blocked by the other team; see the link: https://example.com/?a=1&b=2",
)

TAGS = ("bug", "срочно", "design", "पीछे", "客户", "q3", "needs review", "🔥", "o'tag", "<i>html</i>")

COLORS = ("#7b68ee", "#f9d900", "#02bcd4", "#ff4081", "#2ecd6f", "#81b1ff", "#e50000", "#d3d3d3")


def place_name(random: Random, number: int) -> str:
    """A name for a folder or list; the number tells namesakes apart."""
    return f"{random.choice(PLACES)} {number}"


def task_name(random: Random) -> str:
    """A title; many tasks share one, as in life."""
    return f"{random.choice(VERBS)} {random.choice(THINGS)}"


def paragraph(random: Random) -> str:
    """A text of one to four sentences."""
    return " ".join(random.choice(SENTENCES) for _ in range(random.randint(1, 4)))
