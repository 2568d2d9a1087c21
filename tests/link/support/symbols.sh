# Global symbols of an archive, one a line.
# shellcheck shell=sh

defined_symbols() { # ARCHIVE; prints `strong NAME` or `weak NAME`
    LC_ALL=C readelf -sW "$1" 2>/dev/null |
        awk '$5 ~ /^(GLOBAL|WEAK|UNIQUE)$/ && $7 != "UND" && NF == 8 {
            print $5 == "GLOBAL" ? "strong" : "weak", $8
        }' | sort -u
}

undefined_symbols() { # ARCHIVE; those that no member of it defines
    LC_ALL=C readelf -sW "$1" 2>/dev/null |
        awk '$5 ~ /^(GLOBAL|WEAK|UNIQUE)$/ && NF == 8 {
            if ($7 == "UND") { undefined[$8] } else { defined[$8] }
        }
        END { for (name in undefined) { if (!(name in defined)) { print name } } }' | sort
}
