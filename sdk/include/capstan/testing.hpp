// The header for tests of operators: Cluster, a Kubernetes API in this process, and Explore, which
// tries every possible failure. See docs/embedding.md.
#pragma once

#include <capstan/testing/cluster.hpp>
#include <capstan/testing/explore.hpp>
