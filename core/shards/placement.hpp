// Placement determines which shard an object belongs to, and which member a shard should belong to.
// Pure functions: processes with the same input get the same result.
//
// ShardOf never changes: processes of two versions agree on the owner of an object.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace capstan::shards {

// On every object of a kind whose work is divided: "<shards>-<shard>", such as "12-3". The server
// filters by it; it decides nothing (decision 012).
inline constexpr char kShardLabel[] = "capstan.dev/shard";
// Each shard costs one watch per kind.
inline constexpr int kMostShards = 128;

// In [0, shards). REQUIRES: shards >= 1.
int ShardOf(std::string_view uid, int shards);
std::string ShardLabel(int shards, int shard);
// The label selector of one shard, and that of every object whose label names none of `shards`.
std::string ShardSelector(int shards, int shard);
std::string StraySelector(int shards);

// Preference of `member` for `shard`: rendezvous hashing, the highest score wins.
std::uint64_t Score(std::string_view member, int shard);

// The member that each shard should belong to. `holders`: the current holder of each shard; one
// that is not among `members` counts as none. Each member gets shards/members, rounded down or up;
// a shard stays where it is unless its holder has too many, and then those with the lowest scores
// move. Empty strings if there are no members.
std::vector<std::string> PlaceShards(std::vector<std::string> members,
                                     const std::vector<std::string>& holders);

}  // namespace capstan::shards
