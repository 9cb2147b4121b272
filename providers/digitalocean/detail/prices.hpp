// Private to providers/digitalocean: the cost of nodes, from GET /v2/sizes, in US dollars a month.
// The figures exclude what the API does not price (a highly available control plane, traffic, load
// balancers, volumes).
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

// Reads the items of /v2/sizes; those without a price are omitted.
Prices ReadPrices(const std::vector<std::string>& sizes);
// The cost of that many nodes; nothing if the price is unknown.
std::optional<double> MonthlyCost(const Prices& prices, std::string_view size, std::int64_t nodes);
double ToTheCent(double amount);

// Stores the prices known at the time of the observation in an observed state, so that planning
// needs no requests. `state` is the text of a JSON object.
std::string WithPrices(std::string state, const Prices& prices);
Prices PricesIn(const json::ObjectPtr& state);

}  // namespace capstan::digitalocean
