#include <capstan/local/apiserver/table/printer.hpp>

#include <chrono>
#include <cstdint>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/format.hpp>
#include <capstan/local/apiserver/table/columns.hpp>
#include <capstan/local/apiserver/table/json_path.hpp>

namespace capstan::apiserver {
namespace {

// Seconds since 1970. REQUIRES: text has format date-time, so that its digits are at fixed offsets.
double SecondsOf(const std::string& text) {
  const auto number = [&text](std::size_t at, std::size_t digits) {
    std::int64_t value = 0;
    for (std::size_t i = at; i < at + digits; ++i) value = value * 10 + (text[i] - '0');
    return value;
  };
  const std::chrono::year_month_day day{std::chrono::year(static_cast<int>(number(0, 4))),
                                        std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                        std::chrono::day(static_cast<unsigned>(number(8, 2)))};
  double seconds = static_cast<double>(std::chrono::sys_days(day).time_since_epoch().count()) * 86400 +
                   static_cast<double>(number(11, 2) * 3600 + number(14, 2) * 60 + number(17, 2));
  std::size_t at = 19;
  if (at < text.size() && text[at] == '.') {
    double unit = 0.1;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10)
      seconds += (text[at] - '0') * unit;
  }
  if (at >= text.size() || (text[at] != '+' && text[at] != '-')) return seconds;
  const std::size_t minutes = text[at + 3] == ':' ? at + 4 : at + 3;
  const auto shift = static_cast<double>(number(at + 1, 2) * 3600 + number(minutes, 2) * 60);
  return text[at] == '-' ? seconds + shift : seconds - shift;
}

json::ObjectPtr RowObject(const json::ObjectPtr& object, IncludeObject include) {
  if (include == IncludeObject::kObject) return object;
  json::ObjectPtr partial = json::MakeObject();
  partial->set("kind", std::string("PartialObjectMetadata"));
  partial->set("apiVersion", std::string("meta.k8s.io/v1"));
  partial->set("metadata", object->get("metadata"));
  return partial;
}

struct CustomColumn {
  json::ObjectPtr definition;
  std::string type;
  JsonPath path;
};

json::Tree CustomCell(const CustomColumn& column, const json::ObjectPtr& object, double now) {
  const std::vector<json::Tree> found = column.path.Find(object);
  if (found.empty()) return {};
  const json::Tree& value = found.front();
  const ValueKind kind = KindOf(value);
  const bool number = kind == ValueKind::kInteger || kind == ValueKind::kDouble;
  if (column.type == "string") {
    if (kind == ValueKind::kString) return value;
    if (kind == ValueKind::kNull) return std::string("<no value>");
    return kind == ValueKind::kDouble ? NumberText(NumberOf(value)) : json::ToText(value);
  }
  if (column.type == "integer" && number) return static_cast<Poco::Int64>(NumberOf(value));
  if (column.type == "number" && number) return value;
  if (column.type == "boolean" && kind == ValueKind::kBoolean) return value;
  if (column.type == "date" && kind == ValueKind::kString) return AgeCell(TextOf(value), now);
  return {};
}

// The documentation of metadata, which clients display.
constexpr std::string_view kNameColumn =
    "Name must be unique within a namespace. Is required when creating resources, although some resources "
    "may "
    "allow a client to request the generation of an appropriate name automatically. Name is primarily "
    "intended for creation idempotence and configuration definition. Cannot be updated. More info: "
    "https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names";
constexpr std::string_view kAgeColumn =
    "CreationTimestamp is a timestamp representing the server time when this object was created. It is not "
    "guaranteed to be set in happens-before order across separate operations. Clients may not set this "
    "value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null "
    "for lists. More info: "
    "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

class CustomTable final : public TablePrinter {
 public:
  CustomTable(std::vector<CustomColumn> columns, bool shows_managed_fields)
      : columns_(std::move(columns)), shows_managed_fields_(shows_managed_fields) {}

  bool shows_managed_fields() const override { return shows_managed_fields_; }
  json::ArrayPtr Columns() const override {
    json::ArrayPtr columns = json::MakeArray();
    columns->add(TableColumn("Name", "string", "name", kNameColumn, 0));
    for (const auto& column : columns_) columns->add(column.definition);
    return columns;
  }
  json::ArrayPtr Cells(const json::ObjectPtr& object, double now) const override {
    json::ArrayPtr cells = json::MakeArray();
    cells->add(NameOf(object));
    for (const auto& column : columns_) cells->add(CustomCell(column, object, now));
    return cells;
  }

 private:
  std::vector<CustomColumn> columns_;
  bool shows_managed_fields_;
};

constexpr std::string_view kTypes = "boolean,date,integer,number,string";
constexpr std::string_view kFormats = "byte,date,date-time,double,float,int32,int64,password";

bool IsAmong(const std::string& word, std::string_view list) {
  for (const auto& item : Split(list, ',')) {
    if (item == word) return true;
  }
  return false;
}

}  // namespace

json::ObjectPtr TableColumn(std::string_view name, std::string_view type, std::string_view format,
                            std::string_view description, int priority) {
  json::ObjectPtr column = json::MakeObject();
  column->set("name", std::string(name));
  column->set("type", std::string(type));
  column->set("format", std::string(format));
  column->set("description", std::string(description));
  column->set("priority", priority);
  return column;
}

std::string AgeCell(const std::string& time, double now) {
  if (time.empty()) return "<unknown>";
  if (!HasFormat("date-time", time)) return "<invalid>";
  return HumanAge(now - SecondsOf(time));
}

std::string NameOf(const json::ObjectPtr& object) {
  return json::StringIn(json::ObjectIn(object, "metadata"), "name").value_or("");
}
std::string CreationOf(const json::ObjectPtr& object) {
  return json::StringIn(json::ObjectIn(object, "metadata"), "creationTimestamp").value_or("");
}

std::string HumanAge(double age) {
  const auto seconds = static_cast<long long>(age);
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  const auto both = [](long long whole, const char* unit, long long rest, const char* rest_unit) {
    return rest == 0 ? StrCat(whole, unit) : StrCat(whole, unit, rest, rest_unit);
  };
  const long long minutes = seconds / 60, hours = minutes / 60, days = hours / 24, years = days / 365;
  if (seconds < 120) return StrCat(seconds, "s");
  if (minutes < 10) return both(minutes, "m", seconds % 60, "s");
  if (minutes < 180) return StrCat(minutes, "m");
  if (hours < 8) return both(hours, "h", minutes % 60, "m");
  if (hours < 48) return StrCat(hours, "h");
  if (days < 8) return both(days, "d", hours % 24, "h");
  if (years < 2) return StrCat(days, "d");
  if (years < 8) return both(years, "y", days % 365, "d");
  return StrCat(years, "y");
}

Result<IncludeObject> ParseIncludeObject(std::string_view text) {
  if (text.empty() || text == "Metadata") return IncludeObject::kMetadata;
  if (text == "Object") return IncludeObject::kObject;
  if (text == "None") return IncludeObject::kNone;
  return Fail(Code::kInvalidArgument, StrCat("unrecognized includeObject value: ", json::Quote(text)));
}

json::ObjectPtr TablePrinter::Table(const std::vector<json::ObjectPtr>& objects,
                                    const json::ObjectPtr& list_metadata, IncludeObject include, double now,
                                    bool columns) const {
  json::ArrayPtr rows = json::MakeArray();
  for (const auto& object : objects) {
    json::ObjectPtr row = json::MakeObject();
    row->set("cells", Cells(object, now));
    if (const json::ArrayPtr conditions = RowConditions(object)) row->set("conditions", conditions);
    row->set("object",
             include == IncludeObject::kNone ? json::Tree() : json::Tree(RowObject(object, include)));
    rows->add(row);
  }
  json::ObjectPtr table = json::MakeObject();
  table->set("kind", std::string("Table"));
  table->set("apiVersion", std::string("meta.k8s.io/v1"));
  table->set("metadata", list_metadata ? list_metadata : json::MakeObject());
  table->set("columnDefinitions", columns ? json::Tree(Columns()) : json::Tree());
  table->set("rows", rows);
  return table;
}

std::unique_ptr<TablePrinter> MakeCustomTable(const json::ArrayPtr& additional_printer_columns) {
  std::vector<CustomColumn> columns;
  bool managed = false;
  for (unsigned int i = 0; additional_printer_columns && i < additional_printer_columns->size(); ++i) {
    const json::ObjectPtr given = json::AsObject(additional_printer_columns->get(i));
    const std::string text = json::StringIn(given, "jsonPath").value_or("");
    auto path = JsonPath::Parse(text);
    if (!path) break;  // as in Kubernetes: the columns after it are omitted too
    const auto names = [&text](std::string_view part) { return text.find(part) != std::string::npos; };
    // By name, or by a step that matches all fields.
    managed = managed || names("managedFields") || names("..") || names("*") || names(".metadata}") ||
              names("'") || text == ".metadata" || text == ".";
    const std::string type = json::StringIn(given, "type").value_or("string");
    const std::string description = json::StringIn(given, "description").value_or("");
    columns.push_back(
        {TableColumn(json::StringIn(given, "name").value_or(""), type,
                     json::StringIn(given, "format").value_or(""),
                     description.empty() ? "Custom resource definition column (in JSONPath format): " + text
                                         : description,
                     static_cast<int>(json::IntegerIn(given, "priority").value_or(0))),
         type, std::move(path).value()});
  }
  if (!additional_printer_columns || additional_printer_columns->size() == 0) {
    auto path = JsonPath::Parse(".metadata.creationTimestamp");
    columns.push_back({TableColumn("Age", "date", "", kAgeColumn, 0), "date", std::move(path).value()});
  }
  return std::make_unique<CustomTable>(std::move(columns), managed);
}

std::vector<FieldError> CheckPrinterColumns(const json::ArrayPtr& additional_printer_columns,
                                            std::string_view field) {
  std::vector<FieldError> errors;
  for (unsigned int i = 0; additional_printer_columns && i < additional_printer_columns->size(); ++i) {
    const json::ObjectPtr column = json::AsObject(additional_printer_columns->get(i));
    const std::string path = StrCat(field, "[", i, "]");
    const auto text = [&column](const char* key) { return json::StringIn(column, key).value_or(""); };
    if (text("name").empty()) errors.push_back(RequiredField(path + ".name", ""));
    const std::string types = StrCat("must be one of ", kTypes);
    if (text("type").empty()) {
      errors.push_back(RequiredField(path + ".type", types));
    } else if (!IsAmong(text("type"), kTypes)) {
      errors.push_back(InvalidField(path + ".type", text("type"), types));
    }
    if (!text("format").empty() && !IsAmong(text("format"), kFormats)) {
      errors.push_back(InvalidField(path + ".format", text("format"), StrCat("must be one of ", kFormats)));
    }
    const std::string json_path = text("jsonPath");
    if (json_path.empty()) {
      errors.push_back(RequiredField(path + ".JSONPath", ""));
    } else if (json_path.front() != '.') {
      errors.push_back(
          InvalidField(path + ".JSONPath", json_path, "must be a simple json path starting with ."));
    }
  }
  return errors;
}

}  // namespace capstan::apiserver
