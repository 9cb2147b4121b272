#include <capstan/providers/digitalocean/detail/prices.hpp>

#include <cmath>

#include <capstan/core/base/text.hpp>

namespace capstan::digitalocean {
namespace {

constexpr char kPricesField[] = "capstan_prices";  // the API has no field of that name

}  // namespace

Prices ReadPrices(const std::vector<std::string>& sizes) {
  Prices prices;
  for (const auto& text : sizes) {
    const auto size = json::ParseObject(text);
    if (!size) continue;
    auto slug = json::StringIn(*size, "slug");
    auto price = json::NumberIn(*size, "price_monthly");
    if (slug && price && *price > 0) prices[*slug] = *price;
  }
  return prices;
}

double ToTheCent(double amount) {
  const double rounded = std::round(amount * 100) / 100;
  return rounded == 0 ? 0 : rounded;  // avoids negative zero
}

std::optional<double> MonthlyCost(const Prices& prices, std::string_view size, std::int64_t nodes) {
  auto price = prices.find(size);
  if (nodes == 0) return 0;
  if (price == prices.end()) return std::nullopt;
  return ToTheCent(price->second * static_cast<double>(nodes));
}

std::string WithPrices(std::string state, const Prices& prices) {
  if (prices.empty() || state.size() <= 2 || state.back() != '}') return state;
  auto object = json::MakeObject();
  for (const auto& [slug, price] : prices) object->set(slug, price);
  state.pop_back();
  return StrCat(state, ",\"", kPricesField, "\":", json::ToText(object), "}");
}

Prices PricesIn(const json::ObjectPtr& state) {
  Prices prices;
  auto object = json::ObjectIn(state, kPricesField);
  if (!object) return prices;
  for (const auto& [slug, price] : *object)
    if (price.isNumeric()) prices[slug] = price.convert<double>();
  return prices;
}

}  // namespace capstan::digitalocean
