// Private to providers/digitalocean: what nodes cost, from GET /v2/sizes. US dollars a month; what
// the API does not price (a highly available control plane, traffic, load balancers, volumes) is in
// no figure.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>

namespace capstan::digitalocean {

// By slug of the size.
using Prices = std::map<std::string, double, std::less<>>;

// Of the items of /v2/sizes; those without a price are left out.
Prices ReadPrices(const std::vector<std::string>& sizes);
// What so many nodes cost; nothing where their price is not known.
std::optional<double> MonthlyCost(const Prices& prices, std::string_view size, std::int64_t nodes);
double ToTheCent(double amount);

// An observed state carries the prices that were known when it was seen, so that a plan needs
// nobody to ask. `state` is the text of a JSON object.
std::string WithPrices(std::string state, const Prices& prices);
Prices PricesIn(const json::ObjectPtr& state);

}  // namespace capstan::digitalocean
