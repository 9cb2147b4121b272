// The tables of Kubernetes' built-in kinds, with the columns that kubectl users know.
#include <algorithm>
#include <functional>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/table/columns.hpp>
#include <capstan/local/apiserver/table/printer.hpp>
#include <capstan/local/apiserver/table/workloads.hpp>

namespace capstan::apiserver {
namespace {

using Column = BuiltinColumn;

std::string TextAt(const json::ObjectPtr& object, std::string_view part, std::string_view key) {
  return json::StringIn(json::ObjectIn(object, part), key).value_or("");
}
Poco::Int64 CountOf(const json::ObjectPtr& object, std::string_view key) {
  if (const json::ObjectPtr map = json::ObjectIn(object, key)) return static_cast<Poco::Int64>(map->size());
  const json::ArrayPtr list = json::ArrayIn(object, key);
  return list ? static_cast<Poco::Int64>(list->size()) : 0;
}
std::string Either(const json::ObjectPtr& object, std::string_view key, std::string_view other) {
  const std::string text = json::StringIn(object, key).value_or("");
  return text.empty() ? json::StringIn(object, other).value_or("") : text;
}

// An event of either of the two groups.
struct EventView {
  explicit EventView(const json::ObjectPtr& event) {
    about = json::ObjectIn(event, "involvedObject");
    if (!about) about = json::ObjectIn(event, "regarding");
    source = json::ObjectIn(event, "source");
    if (!source) source = json::ObjectIn(event, "deprecatedSource");
    message = Either(event, "message", "note");
    reporter = Either(event, "reportingComponent", "reportingController");
    instance = json::StringIn(event, "reportingInstance").value_or("");
    first = Either(event, "firstTimestamp", "deprecatedFirstTimestamp");
    if (first.empty()) first = json::StringIn(event, "eventTime").value_or("");
    last = Either(event, "lastTimestamp", "deprecatedLastTimestamp");
    if (last.empty()) last = first;
    count = json::IntegerIn(event, "count").value_or(json::IntegerIn(event, "deprecatedCount").value_or(0));
    if (const json::ObjectPtr series = json::ObjectIn(event, "series")) {
      last = json::StringIn(series, "lastObservedTime").value_or(last);
      count = json::IntegerIn(series, "count").value_or(count);
    } else if (count == 0) {
      count = 1;
    }
  }
  std::string Target() const {
    const std::string kind = ToLower(json::StringIn(about, "kind").value_or(""));
    const std::string name = json::StringIn(about, "name").value_or("");
    return name.empty() ? kind : kind + "/" + name;
  }
  std::string Source() const {
    std::string component = json::StringIn(source, "component").value_or("");
    std::string host = json::StringIn(source, "host").value_or("");
    if (component.empty()) component = reporter;
    if (host.empty()) host = instance;
    return host.empty() ? component : component + ", " + host;
  }
  json::ObjectPtr about, source;
  std::string message, reporter, instance, first, last;
  Poco::Int64 count = 0;
};

std::vector<Column> EventColumns() {
  return {
      {"Last Seen", "string", 0, "Time since the event was last seen.",
       [](const json::ObjectPtr& o, double now) { return AgeCell(EventView(o).last, now); }},
      {"Type", "string", 0, "Normal or Warning.",
       [](const json::ObjectPtr& o, double) { return json::StringIn(o, "type").value_or(""); }},
      {"Reason", "string", 0, "What happened, in one word.",
       [](const json::ObjectPtr& o, double) { return json::StringIn(o, "reason").value_or(""); }},
      {"Object", "string", 0, "Whom it happened to.",
       [](const json::ObjectPtr& o, double) { return EventView(o).Target(); }},
      {"Subobject", "string", 1, "Which part of it.",
       [](const json::ObjectPtr& o, double) {
         return json::StringIn(EventView(o).about, "fieldPath").value_or("");
       }},
      {"Source", "string", 1, "Who saw it.",
       [](const json::ObjectPtr& o, double) { return EventView(o).Source(); }},
      {"Message", "string", 0, "What happened, for people.",
       [](const json::ObjectPtr& o, double) { return std::string(Trim(EventView(o).message)); }},
      {"First Seen", "string", 1, "Time since the event was first seen.",
       [](const json::ObjectPtr& o, double now) { return AgeCell(EventView(o).first, now); }},
      {"Count", "string", 1, "How often it was seen.",
       [](const json::ObjectPtr& o, double) { return EventView(o).count; }},
      NameColumn(1),
  };
}

std::string SubjectsOf(const json::ObjectPtr& binding, std::string_view kind) {
  std::vector<std::string> names;
  const json::ArrayPtr subjects = json::ArrayIn(binding, "subjects");
  for (unsigned int i = 0; subjects && i < subjects->size(); ++i) {
    const json::ObjectPtr subject = json::AsObject(subjects->get(i));
    if (json::StringIn(subject, "kind") != std::string(kind)) continue;
    const std::string name = json::StringIn(subject, "name").value_or("");
    names.push_back(kind == "ServiceAccount" ? json::StringIn(subject, "namespace").value_or("") + "/" + name
                                             : name);
  }
  return Join(names, ", ");
}

std::vector<Column> BindingColumns() {
  const auto subjects = [](const char* kind) {
    return [kind](const json::ObjectPtr& o, double) { return SubjectsOf(o, kind); };
  };
  return {NameColumn(0),
          {"Role", "string", 0, "Whose rights are given.",
           [](const json::ObjectPtr& o, double) {
             return TextAt(o, "roleRef", "kind") + "/" + TextAt(o, "roleRef", "name");
           }},
          AgeColumn(),
          {"Users", "string", 1, "Users who have them.", subjects("User")},
          {"Groups", "string", 1, "Groups that have them.", subjects("Group")},
          {"ServiceAccounts", "string", 1, "Service accounts that have them.", subjects("ServiceAccount")}};
}

std::vector<Column> ColumnsOf(std::string_view group, std::string_view kind) {
  if (kind == "Event") return EventColumns();
  if (kind == "RoleBinding" || kind == "ClusterRoleBinding") return BindingColumns();
  if (kind == "Lease") {
    return {NameColumn(0),
            {"Holder", "string", 0, "Who holds it.",
             [](const json::ObjectPtr& o, double) { return TextAt(o, "spec", "holderIdentity"); }},
            AgeColumn()};
  }
  if (group.empty() && kind == "Namespace") {
    return {NameColumn(0),
            {"Status", "string", 0, "Active or Terminating.",
             [](const json::ObjectPtr& o, double) { return TextAt(o, "status", "phase"); }},
            AgeColumn()};
  }
  if (group.empty() && kind == "Secret") {
    return {NameColumn(0),
            {"Type", "string", 0, "What it is for.",
             [](const json::ObjectPtr& o, double) { return json::StringIn(o, "type").value_or(""); }},
            {"Data", "string", 0, "How many keys it has.",
             [](const json::ObjectPtr& o, double) { return CountOf(o, "data"); }},
            AgeColumn()};
  }
  if (group.empty() && kind == "ConfigMap") {
    return {NameColumn(0),
            {"Data", "string", 0, "How many keys it has.",
             [](const json::ObjectPtr& o, double) { return CountOf(o, "data") + CountOf(o, "binaryData"); }},
            AgeColumn()};
  }
  if (group.empty() && kind == "ServiceAccount") {
    return {NameColumn(0),
            {"Secrets", "string", 0, "How many secrets it names.",
             [](const json::ObjectPtr& o, double) { return CountOf(o, "secrets"); }},
            AgeColumn()};
  }
  if (kind == "Scale") {
    const auto replicas = [](const char* part) {
      return [part](const json::ObjectPtr& o, double) {
        return json::IntegerIn(json::ObjectIn(o, part), "replicas").value_or(0);
      };
    };
    return {NameColumn(0),
            {"Desired", "integer", 0, "How many are wanted.", replicas("spec")},
            {"Available", "integer", 0, "How many there are.", replicas("status")},
            AgeColumn()};
  }
  std::vector<Column> columns = WorkloadColumns(group, kind);
  if (columns.empty()) columns = FieldColumns(group, kind);
  if (!columns.empty()) return columns;
  return {NameColumn(0),
          {"Created At", "date", 0, "When the object was made.",
           [](const json::ObjectPtr& o, double) { return CreationOf(o); }}};
}

class BuiltinTable final : public TablePrinter {
 public:
  explicit BuiltinTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  json::ArrayPtr Columns() const override {
    json::ArrayPtr columns = json::MakeArray();
    for (const Column& column : columns_) {
      const bool is_name = std::string_view(column.name) == "Name";
      columns->add(
          TableColumn(column.name, column.type, is_name ? "name" : "", column.description, column.priority));
    }
    return columns;
  }
  json::ArrayPtr Cells(const json::ObjectPtr& object, double now) const override {
    json::ArrayPtr cells = json::MakeArray();
    for (const Column& column : columns_) cells->add(column.cell(object, now));
    return cells;
  }

 private:
  std::vector<Column> columns_;
};

}  // namespace

BuiltinColumn NameColumn(int priority) {
  return {"Name", "string", priority, "Name of the object, unique within its namespace.",
          [](const json::ObjectPtr& o, double) { return NameOf(o); }};
}
BuiltinColumn AgeColumn() {
  return {"Age", "string", 0, "Time since the object was made.",
          [](const json::ObjectPtr& o, double now) { return AgeCell(CreationOf(o), now); }};
}

std::unique_ptr<TablePrinter> MakeBuiltinTable(std::string_view group, std::string_view kind) {
  return std::make_unique<BuiltinTable>(ColumnsOf(group, kind));
}

}  // namespace capstan::apiserver
