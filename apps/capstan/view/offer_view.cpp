#include <capstan/apps/capstan/view/offer_view.hpp>

#include <algorithm>
#include <cctype>

#include <capstan/apps/capstan/console/terminal.hpp>
#include <capstan/apps/capstan/view/object_view.hpp>
#include <capstan/core/base/json.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::app {
namespace {

// Widths to try for details, which can be lists of regions: the largest that fits is used.
constexpr std::size_t kWidths[] = {40, 30, 24, 18, 12};

json::ObjectPtr DetailsOf(const external::Offer& offer) {
  const auto details = json::ParseObject(offer.details.empty() ? "{}" : offer.details);
  return details ? *details : json::MakeObject();
}

// "monthlyCost" becomes "MONTHLY-COST", "memoryMB" becomes "MEMORY-MB".
std::string ColumnHeading(const std::string& name) {
  std::string heading;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto upper = [&](std::size_t at) {
      return std::isupper(static_cast<unsigned char>(name[at])) != 0;
    };
    if (i > 0 && upper(i) && !upper(i - 1)) heading += '-';
    heading += static_cast<char>(std::toupper(static_cast<unsigned char>(name[i])));
  }
  return heading;
}

std::string Cell(const json::Tree& value, std::size_t widest) {
  if (json::IsNull(value)) return "-";
  if (value.isBoolean()) return value.convert<bool>() ? "yes" : "no";
  if (const auto list = json::AsArray(value)) {
    std::vector<std::string> items;
    for (const auto& item : *list) items.push_back(item.isString() ? item.toString() : json::ToText(item));
    return items.empty() ? "-" : Shorten(Join(items, ","), widest);
  }
  return Shorten(value.isString() ? value.toString() : json::ToText(value), widest);
}

struct OfferColumns {
  bool names = false, available = false;
  std::vector<std::string> details;
};

OfferColumns ColumnsIn(const std::vector<OffersOfKind>& all) {
  OfferColumns columns;
  for (const auto& one : all) {
    for (const auto& offer : one.offers) {
      columns.names = columns.names || !offer.name.empty();
      columns.available = columns.available || !offer.available;
      const auto details = Json::Parse(offer.details);  // in the order of the provider
      if (!details || !details->is_object()) continue;
      for (const auto& [field, value] : details->fields()) {
        if (std::find(columns.details.begin(), columns.details.end(), field) == columns.details.end())
          columns.details.push_back(field);
      }
    }
  }
  return columns;
}

std::vector<std::string> OfferTable(const std::vector<OffersOfKind>& all, bool kinds, std::size_t widest) {
  const OfferColumns columns = ColumnsIn(all);
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> head;
  if (kinds) head.emplace_back("KIND");
  head.emplace_back("VALUE");
  if (columns.names) head.emplace_back("NAME");
  if (columns.available) head.emplace_back("AVAILABLE");
  for (const auto& field : columns.details) head.push_back(ColumnHeading(field));
  rows.push_back(std::move(head));
  for (const auto& one : all) {
    for (const auto& offer : one.offers) {
      const auto details = DetailsOf(offer);
      std::vector<std::string> row;
      if (kinds) row.push_back(one.kind);
      row.push_back(offer.value);
      if (columns.names) row.push_back(offer.name.empty() ? "-" : offer.name);
      if (columns.available) row.emplace_back(offer.available ? "yes" : "no");
      for (const auto& field : columns.details) row.push_back(Cell(details->get(field), widest));
      rows.push_back(std::move(row));
    }
  }
  if (rows.size() == 1) return {"nothing on offer"};
  return AlignedTable(rows);
}

}  // namespace

std::vector<std::string> OffersToLines(const std::vector<OffersOfKind>& all, bool kinds, std::size_t width) {
  std::vector<std::string> lines;
  for (const std::size_t widest : kWidths) {
    lines = OfferTable(all, kinds, widest);
    const bool fits = std::all_of(lines.begin(), lines.end(),
                                  [&](const std::string& line) { return ColumnsOf(line) <= width; });
    if (width == 0 || fits) break;
  }
  return lines;
}

std::string OffersToJson(const std::vector<OffersOfKind>& all) {
  auto items = json::MakeArray();
  for (const auto& one : all) {
    for (const auto& offer : one.offers) {
      auto item = json::MakeObject();
      item->set("plugin", one.plugin);
      item->set("kind", one.kind);
      item->set("value", offer.value);
      if (!offer.name.empty()) item->set("name", offer.name);
      item->set("available", offer.available);
      item->set("details", DetailsOf(offer));
      items->add(item);
    }
  }
  auto document = json::MakeObject();
  document->set("items", items);
  return json::ToText(document);
}

}  // namespace capstan::app
