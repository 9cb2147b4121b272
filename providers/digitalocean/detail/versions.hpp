// Private to providers/digitalocean: Kubernetes versions as DigitalOcean writes them,
// "1.34.1-do.2".
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>

namespace capstan::digitalocean {

// major, minor, patch, revision; nothing when the text is not a full slug.
using VersionNumbers = std::array<int, 4>;
std::optional<VersionNumbers> ParseSlug(std::string_view slug);

// What spec.version asks for.
struct WantedVersion {
  enum class Kind { kLatest, kMinor, kExact } kind = Kind::kLatest;
  VersionNumbers numbers{};  // kMinor: the first two
  std::string text;          // as it stands in the spec
};
// "latest", "1.34" or a full slug; nothing for anything else.
std::optional<WantedVersion> ParseWanted(const std::string& text);

// The slug to send at creation: the newest of `offered` that fits, or the text itself, so that the
// API refuses it in its own words.
std::string ResolveForCreate(const std::string& wanted, const std::vector<std::string>& offered);

// The next version on the way from `current` to `wanted`, out of what /upgrades offers; nothing
// when none leads there. Never back, never beyond `wanted`, at most one minor at a time, the newest
// patch of it; the newest patch of the present minor first where the next minor is not offered yet.
std::optional<std::string> NextHop(const VersionNumbers& current, const WantedVersion& wanted,
                                   const std::vector<std::string>& offered);

// Why nothing leads to that version, in words, by what is offered for new clusters (/options);
// nothing where something may, or where `offered` is empty: not known. A new cluster (no `current`)
// gets only what is offered itself. From what a cluster runs, nothing leads to what is newer than
// all of its minor, nor to a minor newer than all, nor to a full slug more than one minor away that
// is not offered itself; older ones may still be the aim of an upgrade, of which only /upgrades
// knows.
std::optional<std::string> WhyNotOffered(const WantedVersion& wanted, const std::vector<std::string>& offered,
                                         const std::optional<VersionNumbers>& current = std::nullopt);

// What DigitalOcean offers for new clusters and pools (/options); empty: not known.
struct OnOffer {
  std::vector<std::string> versions, regions, sizes;
};
OnOffer ReadOffers(const json::ObjectPtr& options);
// Why that region or size cannot be had, in words; nothing where it can, or where it is not known.
std::optional<std::string> WhyNoRegion(const std::string& region, const OnOffer& offers);
std::optional<std::string> WhyNoSize(const std::string& size, const OnOffer& offers);

// An observed state carries the versions that were known to be on offer when it was seen, so that a
// plan needs nobody to ask. `state` is the text of a JSON object.
std::string WithOffered(std::string state, const std::vector<std::string>& offered);
std::vector<std::string> OfferedIn(const json::ObjectPtr& state);

}  // namespace capstan::digitalocean
