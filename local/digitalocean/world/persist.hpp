// Private: clusters and networks as the documents of a Store. Pure; thread-safe.
#pragma once

#include <optional>
#include <string>

#include <capstan/local/digitalocean/world/model.hpp>

namespace capstan::simulated_digitalocean {

std::string ToDocument(const Cluster& cluster);
std::string ToDocument(const Vpc& vpc);
// nullopt when the text is not such a document.
std::optional<Cluster> ClusterFromDocument(const std::string& document);
std::optional<Vpc> VpcFromDocument(const std::string& document);

}  // namespace capstan::simulated_digitalocean
