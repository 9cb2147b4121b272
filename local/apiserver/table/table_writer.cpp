#include <capstan/local/apiserver/table/table_writer.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/local/apiserver/api/html_safe.hpp>
#include <capstan/local/apiserver/table/columns.hpp>

namespace capstan::apiserver {
namespace {

constexpr int kRowDepth = 512;
constexpr std::string_view kManagedFields = "managedFields";

// The object without managedFields: they are often most of an object, and no cell shows them.
std::string WithoutManaged(std::string_view object, std::string_view metadata) {
  const auto members = json::Members(metadata);
  if (!members) return std::string(object);
  const auto found = std::find_if(members->begin(), members->end(),
                                  [](const auto& one) { return one.first == kManagedFields; });
  if (found == members->end()) return std::string(object);
  // Replaced by null instead of cut out, which would have to remove a comma too.
  const auto begin = static_cast<std::size_t>(found->second.data() - object.data());
  return StrCat(object.substr(0, begin), "null", object.substr(begin + found->second.size()));
}

}  // namespace

std::string_view MetadataText(std::string_view object) {
  const auto members = json::Members(object);
  if (!members) return {};
  const auto found = std::find_if(members->rbegin(), members->rend(),
                                  [](const auto& one) { return one.first == "metadata"; });
  return found == members->rend() ? std::string_view() : found->second;
}

TableWriter::TableWriter(const TablePrinter& printer, const json::ObjectPtr& list_metadata,
                         std::string_view api_version, IncludeObject include, double now)
    : printer_(printer), include_(include), now_(now) {
  const json::ObjectPtr metadata = list_metadata ? list_metadata : json::MakeObject();
  text_ = WithoutHtml(StrCat(R"({"kind":"Table","apiVersion":)", json::Quote(api_version), R"(,"metadata":)",
                             json::ToText(metadata), R"(,"columnDefinitions":)",
                             json::ToText(printer.Columns()), R"(,"rows":[)"));
}

void TableWriter::Add(std::string_view object) {
  const std::string_view metadata = MetadataText(object);
  auto tree = metadata.empty() || printer_.shows_managed_fields()
                  ? json::ParseObject(object, kRowDepth)
                  : json::ParseObject(WithoutManaged(object, metadata), kRowDepth);
  if (!tree) return;
  if (!first_) text_ += ',';
  first_ = false;
  text_ += R"({"cells":)";
  text_ += WithoutHtml(json::ToText(printer_.Cells(*tree, now_)));
  if (const json::ArrayPtr conditions = RowConditions(*tree)) {
    text_ += R"(,"conditions":)";
    text_ += json::ToText(conditions);
  }
  text_ += R"(,"object":)";
  if (include_ == IncludeObject::kNone) {
    text_ += "null";
  } else if (include_ == IncludeObject::kObject) {
    text_ += object;
  } else {
    text_ += R"({"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":)";
    text_ += metadata.empty() ? "null" : metadata;
    text_ += '}';
  }
  text_ += '}';
}

std::string TableWriter::Finish() && {
  text_ += "]}";
  return std::move(text_);
}

}  // namespace capstan::apiserver
