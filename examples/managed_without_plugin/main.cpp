// An operator for the buckets of a cloud, with the provider linked in instead of a plugin; every
// create uses the same protocol as in the capstan program.
#include <capstan/operator.hpp>

#include "bucket_provider.hpp"

int main(int argc, char** argv) {
  capstan::Operator buckets({.name = "buckets", .version = "0.1.0"});
  capstan::Manage(buckets, example::MakeBucketProvider);
  return buckets.Run(argc, argv);
}
