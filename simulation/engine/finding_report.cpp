#include <capstan/simulation/engine/finding_report.hpp>

#include <algorithm>
#include <map>

#include <capstan/core/base/json.hpp>
#include <capstan/core/base/text.hpp>

namespace capstan::simulation {
namespace {

std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string Again(const Finding& finding, const std::string& again) {
  if (!again.empty() && again.back() == '=') return again + ScheduleText(finding.schedule);
  return StrCat(again, " --schedule=", ScheduleText(finding.schedule),
                finding.seed == 1 ? "" : StrCat(" --seed=", finding.seed));
}

// "at effect 8 (POST boxes.test/boxes) no answer comes, and the server has done it"
std::string InWords(const Finding& finding) {
  std::string text;
  for (const Perturbation& item : finding.schedule) {
    const auto at = static_cast<std::size_t>(item.effect);
    const bool known = at >= 1 && at <= finding.effects.size();
    text += StrCat("  at effect ", item.effect, known ? " (" + finding.effects[at - 1].what + ") " : " ",
                   InfoOf(item.mishap).sentence, "\n");
  }
  return text.empty() ? "  nothing went wrong around it\n" : text;
}

long long Milliseconds(const Effect& effect) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(effect.at.time_since_epoch()).count() -
         3600000;
}

// The interesting effects: from shortly before the first mishap to shortly after the last one.
std::pair<std::size_t, std::size_t> Window(const Finding& finding) {
  const std::size_t all = finding.effects.size();
  if (finding.schedule.empty()) return {all > 60 ? all - 60 : 0, all};
  const auto first = static_cast<std::size_t>(finding.schedule.front().effect);
  const auto last = static_cast<std::size_t>(finding.schedule.back().effect);
  return {std::min(all, first > 15 ? first - 15 : 0), std::min(all, last + 45)};
}

std::string Picture(const Finding& finding) {
  const auto [from, to] = Window(finding);
  if (from >= to) return "";
  std::map<int, int> lanes;  // of lives
  for (std::size_t i = from; i < to; ++i) lanes.emplace(finding.effects[i].life, 0);
  int lane = 0;
  for (auto& [life, row] : lanes) row = lane++;
  constexpr int kLeft = 110, kStep = 16, kRow = 56;
  const int width = kLeft + static_cast<int>(to - from) * kStep + 20;
  const int height = lane * kRow + 40;
  std::string svg = StrCat("<svg viewBox=\"0 0 ", width, " ", height, "\" width=\"", width,
                           "\" role=\"img\" aria-label=\"the schedule\">\n");
  for (const auto& [life, row] : lanes) {
    const int y = row * kRow + 30;
    svg += StrCat("<text x=\"4\" y=\"", y + 4, "\">life ", life, "</text><line x1=\"", kLeft - 10, "\" y1=\"",
                  y, "\" x2=\"", width - 10, "\" y2=\"", y, "\" class=\"lane\"/>\n");
  }
  for (std::size_t i = from; i < to; ++i) {
    const Effect& effect = finding.effects[i];
    const int x = kLeft + static_cast<int>(i - from) * kStep, y = lanes[effect.life] * kRow + 30;
    const char* kind = effect.cloud ? "cloud" : effect.stream ? "watch" : "kube";
    const std::string title =
        StrCat("#", effect.number, " ", Milliseconds(effect), " ms: ", effect.what, " -> ", effect.result);
    if (effect.mishap != Mishap::kNone) {
      svg += StrCat("<line x1=\"", x, "\" y1=\"8\" x2=\"", x, "\" y2=\"", height - 22,
                    "\" class=\"mishap\"/><text x=\"", x + 3, "\" y=\"", height - 8, "\" class=\"mishap\">",
                    MishapName(effect.mishap), "</text>");
    }
    const bool read = effect.what.rfind("GET", 0) == 0;
    svg += StrCat("<circle cx=\"", x, "\" cy=\"", y, "\" r=\"", read ? 4 : 6, "\" class=\"", kind,
                  read ? "" : " act", "\"><title>", Escaped(title), "</title></circle>\n");
  }
  return svg + "</svg>\n";
}

std::string Table(const Finding& finding) {
  const auto [from, to] = Window(finding);
  std::string html =
      "<table><tr><th>#</th><th>life</th><th>ms</th><th>request</th><th>answer</th><th>mishap</th></tr>\n";
  for (std::size_t i = from; i < to; ++i) {
    const Effect& effect = finding.effects[i];
    html += StrCat("<tr", effect.mishap == Mishap::kNone ? "" : " class=\"struck\"", "><td>", effect.number,
                   "</td><td>", effect.life, "</td><td>", Milliseconds(effect), "</td><td>",
                   Escaped(effect.what), "</td><td>", Escaped(effect.result), "</td><td>",
                   effect.mishap == Mishap::kNone ? "" : MishapName(effect.mishap), "</td></tr>\n");
  }
  return html + "</table>\n";
}

constexpr char kHead[] = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Explored: )";
constexpr char kStyle[] = R"(</title><style>
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color:#1c2733;background:#fff}
h2{margin-top:2.5rem;border-top:1px solid #ccd5de;padding-top:1rem}
pre,code{font:13px/1.4 ui-monospace,monospace;background:#f2f5f8;padding:.1rem .3rem;border-radius:3px}
pre{padding:.6rem;overflow-x:auto}.violated{color:#a3190f;font-weight:600}
.scroll{overflow-x:auto}svg text{font:12px ui-monospace,monospace;fill:#445}
.lane{stroke:#ccd5de}.mishap{stroke:#c0392b;stroke-dasharray:3 3}svg text.mishap{fill:#c0392b;stroke:none}
.kube{fill:#9fb9d9}.kube.act{fill:#2463ab}.cloud{fill:#f0c58a}.cloud.act{fill:#d17a00}.watch{fill:#b9d8b4}
table{border-collapse:collapse;font:13px ui-monospace,monospace}td,th{text-align:left;padding:.1rem .6rem;vertical-align:top}
tr.struck{background:#fbe3e0}.legend span{margin-right:1.2rem}.legend i{display:inline-block;width:.8em;height:.8em;border-radius:50%;margin-right:.35em}
</style></head><body>
)";
constexpr char kLegend[] =
    R"(<p class="legend"><span><i style="background:#2463ab"></i>writes to Kubernetes</span><span><i style="background:#9fb9d9"></i>reads</span><span><i style="background:#b9d8b4"></i>lists and watches</span><span><i style="background:#d17a00"></i>changes in the cloud</span><span><i style="background:#f0c58a"></i>looks at the cloud</span></p>
)";

Json EffectDocument(const Effect& effect) {
  Json one = Json::EmptyObject();
  one.Set("effect", effect.number)
      .Set("life", effect.life)
      .Set("milliseconds", static_cast<std::int64_t>(Milliseconds(effect)))
      .Set("request", effect.what)
      .Set("answer", effect.result);
  if (effect.mishap != Mishap::kNone) one.Set("mishap", MishapName(effect.mishap));
  return one;
}

Json FindingDocument(const Finding& finding, const std::string& again) {
  Json timeline = Json::EmptyArray();
  const auto [from, to] = Window(finding);
  for (std::size_t i = from; i < to; ++i) timeline.Append(EffectDocument(finding.effects[i]));
  return Json::EmptyObject()
      .Set("violation", finding.violation)
      .Set("schedule", ScheduleText(finding.schedule))
      .Set("seed", static_cast<std::int64_t>(finding.seed))
      .Set("again", Again(finding, again))
      .Set("timeline", std::move(timeline));
}

}  // namespace

std::string FindingText(const Finding& finding, const std::string& again) {
  return StrCat("violated: ", finding.violation, "\n", InWords(finding),
                "  again with: ", Again(finding, again), "\n", finding.timeline);
}

std::string FindingsPage(const Summary& summary) {
  std::string html =
      StrCat(kHead, Escaped(summary.scenario), kStyle, "<h1>", Escaped(summary.scenario), "</h1>\n<p>",
             summary.schedules, " schedules, ", summary.effects, " effects, ", summary.findings.size(),
             " violations", summary.stopped ? "; stopped before the end" : "", ".</p>\n", kLegend);
  int number = 0;
  for (const Finding& finding : summary.findings) {
    html += StrCat("<h2>Finding ", ++number, "</h2>\n<p class=\"violated\">", Escaped(finding.violation),
                   "</p>\n<pre>", Escaped(InWords(finding)), "</pre>\n<p>Again with:</p><pre>",
                   Escaped(Again(finding, summary.again)), "</pre>\n");
    if (finding.effects.empty()) continue;
    html += "<div class=\"scroll\">" + Picture(finding) +
            "</div>\n<details><summary>The effects</summary>\n" + Table(finding) + "</details>\n";
  }
  return html + "</body></html>\n";
}

std::string FindingsDocument(const Summary& summary) {
  Json violations = Json::EmptyArray();
  for (const Finding& finding : summary.findings) violations.Append(FindingDocument(finding, summary.again));
  return Json::EmptyObject()
      .Set("explored", summary.scenario)
      .Set("schedules", static_cast<std::int64_t>(summary.schedules))
      .Set("effects", static_cast<std::int64_t>(summary.effects))
      .Set("merged", static_cast<std::int64_t>(summary.merged))
      .Set("joined", static_cast<std::int64_t>(summary.joined))
      .Set("stopped", summary.stopped)
      .Set("violations", std::move(violations))
      .ToText();
}

}  // namespace capstan::simulation
