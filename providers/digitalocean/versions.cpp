#include <algorithm>
#include <charconv>

#include <capstan/core/base/text.hpp>
#include <capstan/providers/digitalocean/detail/fields.hpp>
#include <capstan/providers/digitalocean/detail/versions.hpp>

namespace capstan::digitalocean {
namespace {

std::optional<int> ParseNumber(std::string_view text) {
  int value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || value < 0)
    return std::nullopt;
  return value;
}

constexpr char kOfferedField[] = "capstan_versions";  // the API has no field of that name

bool SameMinor(const VersionNumbers& a, const VersionNumbers& b) { return a[0] == b[0] && a[1] == b[1]; }

// The newest of `offered` for which `fits` is true.
template <class Fits>
std::optional<std::string> Newest(const std::vector<std::string>& offered, Fits fits) {
  std::optional<std::string> best;
  VersionNumbers best_numbers{};
  for (const auto& slug : offered) {
    auto numbers = ParseSlug(slug);
    if (!numbers || !fits(*numbers) || (best && *numbers <= best_numbers)) continue;
    best = slug;
    best_numbers = *numbers;
  }
  return best;
}

}  // namespace

std::optional<VersionNumbers> ParseSlug(std::string_view slug) {
  auto dash = slug.find("-do.");
  if (dash == std::string_view::npos) return std::nullopt;
  auto parts = Split(slug.substr(0, dash), '.');
  if (parts.size() != 3) return std::nullopt;
  parts.emplace_back(slug.substr(dash + 4));
  VersionNumbers numbers{};
  for (std::size_t i = 0; i < 4; ++i) {
    auto number = ParseNumber(parts[i]);
    if (!number) return std::nullopt;
    numbers[i] = *number;
  }
  return numbers;
}

std::optional<WantedVersion> ParseWanted(const std::string& text) {
  if (text == "latest") return WantedVersion{WantedVersion::Kind::kLatest, {}, text};
  if (auto numbers = ParseSlug(text)) return WantedVersion{WantedVersion::Kind::kExact, *numbers, text};
  auto parts = Split(text, '.');
  if (parts.size() != 2) return std::nullopt;
  auto major = ParseNumber(parts[0]), minor = ParseNumber(parts[1]);
  if (!major || !minor) return std::nullopt;
  return WantedVersion{WantedVersion::Kind::kMinor, {*major, *minor, 0, 0}, text};
}

std::string ResolveForCreate(const std::string& text, const std::vector<std::string>& offered) {
  auto wanted = ParseWanted(text);
  if (!wanted || wanted->kind == WantedVersion::Kind::kExact) return text;
  bool any = wanted->kind == WantedVersion::Kind::kLatest;
  return Newest(offered, [&](const VersionNumbers& n) { return any || SameMinor(n, wanted->numbers); })
      .value_or(text);
}

std::optional<std::string> WhyNotOffered(const WantedVersion& wanted, const std::vector<std::string>& offered,
                                         const std::optional<VersionNumbers>& current) {
  if (offered.empty() || wanted.kind == WantedVersion::Kind::kLatest) return std::nullopt;
  const auto& to = wanted.numbers;
  const bool exact = wanted.kind == WantedVersion::Kind::kExact;
  if (exact && std::find(offered.begin(), offered.end(), wanted.text) != offered.end()) return std::nullopt;
  const auto refusal =
      StrCat("DigitalOcean does not offer ", wanted.text, "; it offers ", Join(offered, ", "));
  if (!current) {
    const auto fits = [&](const VersionNumbers& n) { return !exact && SameMinor(n, to); };
    return Newest(offered, fits) ? std::nullopt : std::optional(refusal);
  }
  const auto as_new = [&](const VersionNumbers& n) {
    if (SameMinor(n, to)) return !exact || n >= to;
    return n > to;
  };
  // If the minor is offered, its own versions show its newest patch; only if none is offered, newer
  // minors count.
  const bool minor_offered =
      Newest(offered, [&](const VersionNumbers& n) { return SameMinor(n, to); }).has_value();
  const bool possible = Newest(offered, [&](const VersionNumbers& n) {
                          return as_new(n) && (!minor_offered || SameMinor(n, to));
                        }).has_value();
  const bool far = exact && to[1] > (*current)[1] + 1;
  if (possible && !far) return std::nullopt;
  return refusal;
}

OnOffer ReadOffers(const json::ObjectPtr& options) {
  const auto slugs = [&](const char* field) {
    std::vector<std::string> all;
    const auto items = json::ArrayIn(options, field);
    for (std::size_t i = 0; items && i < items->size(); ++i)
      if (auto slug = json::StringIn(json::AsObject(items->get(static_cast<unsigned>(i))), "slug"))
        all.push_back(*slug);
    return all;
  };
  return {slugs("versions"), slugs("regions"), slugs("sizes")};
}

std::optional<std::string> WhyNoRegion(const std::string& region, const OnOffer& offers) {
  const auto& all = offers.regions;
  if (all.empty() || region.empty() || std::find(all.begin(), all.end(), region) != all.end())
    return std::nullopt;
  return StrCat("DigitalOcean has no clusters in ", region, "; it has them in ", Join(all, ", "));
}

std::optional<std::string> WhyNoSize(const std::string& size, const OnOffer& offers) {
  const auto& all = offers.sizes;
  if (all.empty() || size.empty() || std::find(all.begin(), all.end(), size) != all.end())
    return std::nullopt;
  // There may be hundreds: list only the same family, and no more than people read.
  constexpr std::size_t kShown = 12;
  const auto family = size.substr(0, size.find('-') + 1);
  std::vector<std::string> alike;
  for (const auto& slug : all)
    if (!family.empty() && slug.rfind(family, 0) == 0) alike.push_back(slug);
  if (alike.empty()) alike = all;
  const auto more = alike.size() > kShown ? alike.size() - kShown : 0;
  alike.resize(alike.size() - more);
  return StrCat("DigitalOcean offers no nodes of size ", size, "; it offers ", Join(alike, ", "),
                more > 0 ? StrCat(" and ", more, " more") : "");
}

std::string WithOffered(std::string state, const std::vector<std::string>& offered) {
  if (offered.empty() || state.size() <= 2 || state.back() != '}') return state;
  state.pop_back();
  return StrCat(state, ",\"", kOfferedField, "\":", json::ToText(json::ArrayOf(offered)), "}");
}

std::vector<std::string> OfferedIn(const json::ObjectPtr& state) {
  return json::StringsIn(state, kOfferedField);
}

std::optional<std::string> NextHop(const VersionNumbers& current, const WantedVersion& wanted,
                                   const std::vector<std::string>& offered) {
  auto limit = wanted.numbers;
  bool exact = wanted.kind == WantedVersion::Kind::kExact;
  if (!exact) limit[2] = limit[3] = 1 << 30;
  auto within = [&](const VersionNumbers& n) { return n > current && n <= limit; };
  if (exact && SameMinor(current, limit)) {
    auto found = std::find(offered.begin(), offered.end(), wanted.text);
    return found != offered.end() && within(limit) ? std::optional(wanted.text) : std::nullopt;
  }
  // A minor can only be left from its newest patch: any other path is "invalid", even if the list
  // contains the next minor.
  for (int minor : {current[1], current[1] + 1}) {
    bool last = exact && minor == limit[1];
    auto hop = Newest(offered, [&](const VersionNumbers& n) {
      return within(n) && n[0] == current[0] && n[1] == minor && (!last || n == limit);
    });
    if (hop) return hop;
  }
  return std::nullopt;
}

}  // namespace capstan::digitalocean
