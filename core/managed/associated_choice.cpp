// spec.associatedResources: "Keep", "Delete", or per kind true, false or a list of ids.
#include <cstdio>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/policy.hpp>

namespace capstan::managed {
namespace {

constexpr std::size_t kNamed = 12;  // per sentence; status and the record contain all of them

std::string Cost(double amount) {
  char text[64];
  std::snprintf(text, sizeof text, ", %.2f a month", amount);
  return amount > 0 ? text : "";
}

}  // namespace

bool IsDeletedWithIt(const kube::Object& object, const external::Associated& item) {
  const auto text = object.ValueAt("/spec/associatedResources");
  const auto tree = json::ParseTree(text ? *text : "null");
  if (!tree) return false;
  const auto kinds = json::AsObject(*tree);
  if (!kinds) return tree->isString() && tree->convert<std::string>() == "Delete";
  if (!kinds->has(item.kind)) return false;
  if (const auto whole = json::BooleanIn(kinds, item.kind)) return *whole;
  const auto ids = json::ArrayIn(kinds, item.kind);
  for (std::size_t i = 0; ids && i < ids->size(); ++i) {
    const auto id = ids->get(static_cast<unsigned>(i));
    if (id.isString() && id.convert<std::string>() == item.id) return true;
  }
  return false;
}

std::string DescribeAssociated(const std::vector<external::Associated>& items) {
  std::vector<std::string> texts;
  for (const auto& item : items) {
    if (texts.size() == kNamed) break;
    texts.push_back(StrCat(item.kind, " ", item.id,
                           item.name.empty() || item.name == item.id ? "" : StrCat(" (", item.name, ")"),
                           Cost(item.monthly_cost)));
  }
  if (items.size() > texts.size()) texts.push_back(StrCat("and ", items.size() - texts.size(), " more"));
  return Join(texts, "; ");
}

}  // namespace capstan::managed
