#include <capstan/apps/capstan/view/object_view.hpp>

#include <algorithm>
#include <cstdio>

#include <capstan/core/base/text.hpp>
#include <capstan/core/kube/conditions.hpp>

namespace capstan::app {
namespace {

// The number of columns of a text: one for each character of UTF-8.
std::size_t Width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string Dash(const std::string& text) { return text.empty() ? "-" : text; }

void ReadPlan(const Json& plan, ObjectView& view) {
  const std::string current = plan["current"].AsString();
  view.waiting = plan["waiting"].AsString();
  view.plan_hash = plan["hash"].AsString();
  for (const Json& step : plan["steps"].items()) {
    view.steps.push_back({step["verb"].AsString(), step["target"].AsString(), step["why"].AsString(),
                          !current.empty() && step["target"].AsString() == current, step["destroys"].AsBool(),
                          step["monthlyCostChange"].AsNumber()});
  }
}

std::optional<std::int64_t> IntegerIn(const Json& status, std::string_view field) {
  if (!status[field].is_number()) return std::nullopt;
  return status[field].AsInteger();
}

Json StepsToJson(const std::vector<StepView>& steps) {
  Json list = Json::EmptyArray();
  for (const StepView& step : steps) {
    Json one = Json::EmptyObject();
    one.Set("verb", step.verb).Set("target", step.target).Set("why", step.why);
    if (step.current) one.Set("current", true);
    if (step.destroys) one.Set("destroys", true);
    if (step.monthly_cost_change != 0) one.Set("monthlyCostChange", step.monthly_cost_change);
    list.Append(std::move(one));
  }
  return list;
}

}  // namespace

double ObjectView::fraction() const {
  if (is_ready() && steps.empty() && !deleting) return 1;
  if (!nodes || !ready_nodes || *nodes <= 0) return -1;
  return std::clamp(static_cast<double>(*ready_nodes) / static_cast<double>(*nodes), 0.0, 1.0);
}

std::string ObjectView::doing() const {
  for (const StepView& step : steps)
    if (step.current) return step.verb + " " + step.target;
  if (!waiting.empty()) return waiting;
  if (deleting) return "delete";
  return steps.empty() ? "" : steps.front().verb + " " + steps.front().target;
}

ObjectView ViewOf(const external::KindInfo& info, const kube::Object& object) {
  ObjectView view;
  view.kind = info.kind;
  view.key = object.key();
  view.deleting = object.deleting();
  view.created_at = ParseRfc3339(object.StringAt("/metadata/creationTimestamp").value_or(""));
  view.ready = view.synced = "Unknown";
  if (const auto ready = kube::ConditionIn(object, "Ready")) {
    view.ready = ready->status;
    view.ready_reason = ready->reason;
    view.ready_message = ready->message;
  }
  if (const auto synced = kube::ConditionIn(object, "Synced")) {
    view.synced = synced->status;
    view.synced_reason = synced->reason;
    view.synced_message = synced->message;
    view.observed_latest =
        synced->observed_generation == 0 || synced->observed_generation >= object.generation();
  }
  const auto text = object.ValueAt("/status");
  const auto parsed = text ? Json::Parse(*text) : Result<Json>(Json::EmptyObject());
  const Json status = parsed ? *parsed : Json::EmptyObject();
  view.id = info.id_status_field.empty() ? "" : status[info.id_status_field].AsString();
  if (view.id.empty()) view.id = status["external"]["id"].AsString();
  if (!info.phase_status_field.empty()) view.phase = status[info.phase_status_field].AsString();
  if (view.phase.empty()) view.phase = ToLower(view.ready_reason);
  if (!info.plan_status_field.empty()) ReadPlan(status[info.plan_status_field], view);
  view.nodes = IntegerIn(status, "nodes");
  view.ready_nodes = IntegerIn(status, "readyNodes");
  if (status["monthlyCost"].is_number()) view.monthly_cost = status["monthlyCost"].AsNumber();
  return view;
}

Json ViewToJson(const ObjectView& view, WallTime now) {
  Json json = Json::EmptyObject();
  json.Set("kind", view.kind);
  if (!view.key.namespace_.empty()) json.Set("namespace", view.key.namespace_);
  json.Set("name", view.key.name);
  const std::pair<const char*, const std::string*> texts[] = {
      {"id", &view.id},
      {"phase", &view.phase},
      {"ready", &view.ready},
      {"readyReason", &view.ready_reason},
      {"readyMessage", &view.ready_message},
      {"synced", &view.synced},
      {"syncedReason", &view.synced_reason},
      {"syncedMessage", &view.synced_message},
      {"planHash", &view.plan_hash},
      {"waiting", &view.waiting},
  };
  for (const auto& [name, value] : texts)
    if (!value->empty()) json.Set(name, *value);
  if (view.nodes) json.Set("nodes", *view.nodes);
  if (view.ready_nodes) json.Set("readyNodes", *view.ready_nodes);
  if (view.monthly_cost) json.Set("monthlyCost", *view.monthly_cost);
  if (view.created_at) {
    json.Set("createdAt", FormatRfc3339(*view.created_at));
    json.Set("ageSeconds",
             std::int64_t{std::chrono::duration_cast<std::chrono::seconds>(now - *view.created_at).count()});
  }
  if (view.deleting) json.Set("deleting", true);
  if (!view.steps.empty()) json.Set("steps", StepsToJson(view.steps));
  return json;
}

std::string ShortAge(Duration age) {
  struct Unit {
    std::int64_t seconds;
    const char* name;
  };
  static constexpr Unit kUnits[] = {{86400, "d"}, {3600, "h"}, {60, "m"}, {1, "s"}};
  std::int64_t rest =
      std::max<std::int64_t>(std::chrono::duration_cast<std::chrono::seconds>(age).count(), 0);
  for (std::size_t i = 0; i + 1 < std::size(kUnits); ++i) {
    if (rest < kUnits[i].seconds) continue;
    const std::int64_t whole = rest / kUnits[i].seconds;
    const std::int64_t smaller = rest % kUnits[i].seconds / kUnits[i + 1].seconds;
    std::string text = StrCat(whole, kUnits[i].name);
    if (smaller > 0 && whole < 10) text += StrCat(smaller, kUnits[i + 1].name);
    return text;
  }
  return StrCat(rest, "s");
}

std::string Money(const std::optional<double>& amount) {
  if (!amount) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", *amount);
  return text;
}

std::vector<std::string> AlignedTable(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  std::vector<std::string> lines;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - Width(row[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<std::vector<std::string>> TableOf(const std::vector<ObjectView>& views, bool kinds,
                                              WallTime now) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> heading = {"NAMESPACE", "NAME",  "READY",      "PHASE", "NODES",
                                      "SYNCED",    "DOING", "COST/MONTH", "AGE"};
  if (kinds) heading.insert(heading.begin(), "KIND");
  rows.push_back(std::move(heading));
  for (const ObjectView& view : views) {
    std::vector<std::string> row = {
        Dash(view.key.namespace_),
        view.key.name,
        view.ready,
        Dash(view.phase),
        view.nodes ? StrCat(view.ready_nodes.value_or(0), "/", *view.nodes) : "-",
        Dash(view.synced_reason),
        Dash(Shorten(view.doing(), 40)),
        Money(view.monthly_cost),
        view.created_at ? ShortAge(now - *view.created_at) : "-",
    };
    if (kinds) row.insert(row.begin(), view.kind);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace capstan::app
