// Private to providers/digitalocean: Kubernetes versions in DigitalOcean's format, "1.34.1-do.2".
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>

namespace capstan::digitalocean {

// major, minor, patch, revision; nothing if the text is not a full slug.
using VersionNumbers = std::array<int, 4>;
std::optional<VersionNumbers> ParseSlug(std::string_view slug);

// The version that spec.version requests.
struct WantedVersion {
  enum class Kind { kLatest, kMinor, kExact } kind = Kind::kLatest;
  VersionNumbers numbers{};  // kMinor: the first two
  std::string text;          // as in the spec
};
// "latest", "1.34" or a full slug; nothing for anything else.
std::optional<WantedVersion> ParseWanted(const std::string& text);

// The slug to send at creation: the newest of `offered` that matches, or the text itself, so that
// the API refuses it with its own message.
std::string ResolveForCreate(const std::string& wanted, const std::vector<std::string>& offered);

// The next version on the way from `current` to `wanted`, among those that /upgrades offers;
// nothing if none leads there. Never downgrades, never exceeds `wanted`, skips no minor, and takes
// the newest patch of the next minor; if the next minor is not offered yet, the newest patch of the
// current minor comes first.
std::optional<std::string> NextHop(const VersionNumbers& current, const WantedVersion& wanted,
                                   const std::vector<std::string>& offered);

// Why that version cannot be reached, in words, according to the versions on offer for new clusters
// (/options); nothing if it may be reachable, or if `offered` is empty (unknown). A new cluster (no
// `current`) can only have a version that is offered itself. From the current version, these cannot
// be reached: a version newer than all of its minor, a minor newer than all, and a full slug more
// than one minor away that is not offered itself. Older ones can still be the target of an upgrade,
// which only /upgrades knows.
std::optional<std::string> WhyNotOffered(const WantedVersion& wanted, const std::vector<std::string>& offered,
                                         const std::optional<VersionNumbers>& current = std::nullopt);

// DigitalOcean's offers for new clusters and pools (/options); empty: unknown.
struct OnOffer {
  std::vector<std::string> versions, regions, sizes;
};
OnOffer ReadOffers(const json::ObjectPtr& options);
// Why that region or size is not available, in words; nothing if it is available, or if that is
// unknown.
std::optional<std::string> WhyNoRegion(const std::string& region, const OnOffer& offers);
std::optional<std::string> WhyNoSize(const std::string& size, const OnOffer& offers);

// Stores the versions on offer at the time of the observation in an observed state, so that
// planning needs no requests. `state` is the text of a JSON object.
std::string WithOffered(std::string state, const std::vector<std::string>& offered);
std::vector<std::string> OfferedIn(const json::ObjectPtr& state);

}  // namespace capstan::digitalocean
