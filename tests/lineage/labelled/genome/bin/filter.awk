/^#/ { next }
$7 == "PASS" { print }
