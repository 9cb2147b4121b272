// The two tags of an identity: their prefixes, and how clouds store them. Most clouds have tags,
// which are strings; some have labels, which are keys with values, and whose values often permit no
// colon: there the part after the colon is the value. Pure; thread-safe.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/external/external.hpp>

namespace capstan::external {

// The only definition of the prefixes.
inline constexpr char kIdentityPrefix[] = "capstan:";
inline constexpr char kOwnerPrefix[] = "capstan-owner:";
// The corresponding label keys.
inline constexpr char kIdentityLabel[] = "capstan";
inline constexpr char kOwnerLabel[] = "capstan-owner";

// Whether a tag is an identity or an owner tag, ours or another installation's.
bool IsIdentityTag(std::string_view tag);

// The identity in `tags`; tag and owner are empty if missing.
Identity IdentityInTags(const std::vector<std::string>& tags);
// `tags` with those of `identity` in place of any identity and owner tags, all others kept: written
// by a creation and an adoption.
std::vector<std::string> WithIdentity(std::vector<std::string> tags, const Identity& identity);

// {"capstan": "<uid>", "capstan-owner": "<id>"}: written at creation, and over the labels of others
// at adoption.
std::map<std::string, std::string> LabelsOf(const Identity& identity);
// The identity in labels; tag and owner are empty if missing.
Identity IdentityIn(const std::map<std::string, std::string>& labels);

}  // namespace capstan::external
